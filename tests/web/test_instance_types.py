"""Sizes to pick from for a new machine."""

from __future__ import annotations

import pytest

from quarterdeck.config import load
from quarterdeck.problems import Problem

from ..conftest import Client


def test_sizes_are_offered(client: Client) -> None:
    found = {each["name"]: each for each in client.get("/api/v1/instance-types").json}
    assert found["Medium"] == {"name": "Medium", "vcpus": 2, "memory_mib": 4096, "disk_gib": 20}


def test_sizes_come_from_the_settings() -> None:
    own = '[{"name": "Database", "vcpus": 8, "memory_mib": 32768}]'
    found = load({"QUARTERDECK_CONFIG": "/dev/null", "QUARTERDECK_INSTANCE_TYPES": own}).instance_types
    assert [(each.name, each.vcpus, each.disk_gib) for each in found] == [("Database", 8, None)]
    with pytest.raises(Problem, match="INSTANCE_TYPES"):
        load({"QUARTERDECK_CONFIG": "/dev/null", "QUARTERDECK_INSTANCE_TYPES": "small"})
