"""What machines use is never told as free."""

from __future__ import annotations

import pytest

from quarterdeck.app import Service
from quarterdeck.operations.inventory.usage import Usage
from quarterdeck.problems import Problem


def test_a_machine_that_cannot_be_read_is_not_taken_for_one_that_is_gone(service: Service) -> None:
    fresh, before = Usage(service.hosts, service.inventory), Usage(service.hosts, service.inventory)
    used = before.paths("local")
    service.hosts.get("local").close()
    with pytest.raises(Problem) as told:
        fresh.paths("local")
    assert told.value.slug == "host-lost", told.value
    assert used and before.paths("local") == used, "what was read is kept"
