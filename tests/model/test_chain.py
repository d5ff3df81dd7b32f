"""The files of external snapshots: what is merged into what, what goes, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from quarterdeck.model.chain import Forest, Frozen, Merge
from quarterdeck.problems import Problem


def forest(below: Mapping[str, str | None], frozen: Mapping[str, str], active: str) -> Forest:
    """A machine with one disk."""
    snapshots = tuple(Frozen(name, {"vda": path}, (f"{name}.mem",)) for name, path in frozen.items())
    return Forest(below, snapshots, {"vda": active})


LINE = forest({"base": None, "1": "base", "2": "1", "3": "2"}, {"a": "base", "b": "1", "c": "2"}, "3")
# After "c" somebody went back to "a": the machine stands on a second branch.
FORK = forest({"base": None, "1": "base", "4": "base"}, {"a": "base", "b": "1"}, "4")


def test_the_last_one_lets_the_present_state_sink_into_its_file() -> None:
    found = LINE.remove({"c"})
    assert found.merges == (Merge("vda", "3", "2", active=True),)
    assert (found.files, found.moved) == (("c.mem", "3"), {"3": "2"})


def test_the_first_one_takes_what_the_next_one_holds() -> None:
    found = LINE.remove({"a"})
    assert found.merges == (Merge("vda", "1", "base", active=False),)
    assert found.moved == {"1": "base"}


def test_neighbours_are_merged_at_once() -> None:
    found = LINE.remove({"a", "b"})
    assert found.merges == (Merge("vda", "2", "base", active=False),)
    assert sorted(found.files) == ["1", "2", "a.mem", "b.mem"]


def test_all_leave_one_file() -> None:
    found = LINE.remove({"a", "b", "c"})
    assert found.merges == (Merge("vda", "3", "base", active=True),)
    assert {"1", "2", "3"} <= set(found.files)


def test_a_branch_that_is_not_used_is_only_removed() -> None:
    found = FORK.remove({"b"})
    assert (found.merges, found.files) == ((), ("b.mem", "1"))


def test_where_branches_part_nothing_is_merged() -> None:
    with pytest.raises(Problem, match="Several branches"):
        FORK.remove({"a"})


def test_a_top_that_carries_two_branches_stays() -> None:
    fork = forest({"base": None, "1": "base", "2": "1", "3": "1"}, {"a": "base", "b": "1", "c": "2"}, "3")
    with pytest.raises(Problem, match="Several branches"):
        fork.remove({"a"})


def test_in_another_branch_nothing_is_merged() -> None:
    below = {"base": None, "1": "base", "2": "1", "4": "base"}
    fork = forest(below, {"r": "base", "a": "1", "b": "2"}, "4")
    with pytest.raises(Problem, match="branch that the machine does not use"):
        fork.remove({"a"})
    assert fork.remove({"a", "b"}).merges == ()


def test_what_strangers_stand_on_does_not_change() -> None:
    with pytest.raises(Problem, match="linked stands on it"):
        Forest({**LINE.below, "linked": "1"}, LINE.snapshots, LINE.active).remove({"b"})
    with pytest.raises(Problem, match="linked stands on it"):
        Forest({**FORK.below, "linked": "1"}, FORK.snapshots, FORK.active).remove({"b"})


def test_each_disk_is_merged_by_itself() -> None:
    below = {"a": None, "a1": "a", "b": None, "b1": "b"}
    both = Forest(below, (Frozen("s", {"vda": "a", "vdb": "b"}),), {"vda": "a1", "vdb": "b1"})
    assert {merge.target for merge in both.remove({"s"}).merges} == {"vda", "vdb"}


def test_only_files_that_nothing_needs_are_orphans() -> None:
    assert LINE.orphans(["3"], []) == ["3"]
    assert LINE.orphans(["2"], []) == []
    assert Forest({**LINE.below, "linked": "3"}, LINE.snapshots, LINE.active).orphans(["3"], []) == []


def test_a_circle_of_files_is_no_trap() -> None:
    assert forest({"x": "y", "y": "x"}, {}, "x").chain("x") == ["x", "y"]
