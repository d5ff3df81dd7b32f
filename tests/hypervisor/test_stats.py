"""Counters from libvirt's flat answer."""

from __future__ import annotations

import pytest

from quarterdeck.hypervisor.stats import sample


@pytest.mark.parametrize(
    ("facts", "used_kib"),
    [
        ({"current": 1048576, "available": 981472, "usable": 705620, "rss": 1242116}, 275852),
        ({"current": 1048576, "available": 981472, "unused": 770624}, 210848),
        ({"current": 2097152, "last-update": 0, "rss": 50932}, 50932),
        ({"current": 2097152, "rss": 2200000}, 2097152),
    ],
    ids=["what it can use", "what it has free", "says nothing yet", "took all, and QEMU its own"],
)
def test_memory_in_use_is_told_by_the_guest_or_else_by_the_host(facts: dict[str, int], used_kib: int) -> None:
    assert sample({f"balloon.{name}": value for name, value in facts.items()}, 0).memory_used_kib == used_kib
