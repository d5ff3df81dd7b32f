"""What a machine's overview says is wrong, or worth doing."""

from __future__ import annotations

import pytest

from quarterdeck.model.domain import Domain
from quarterdeck.operations.findings import findings


def machine(**more) -> Domain:
    base = {"host": "local", "uuid": "u", "name": "vm", "state": "running", "reason": "booted", "reason_text": ""}
    sizes = {"vcpus": 1, "vcpus_max": 1, "memory_mib": 512, "memory_max_mib": 512}
    flags = {"persistent": True, "autostart": False, "has_saved_image": False}
    return Domain(**(base | sizes | flags | {"etag": "1", "type": "kvm", "consoles": ["vnc"]} | more))


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        ("paused", "ioerror", "paused-ioerror"),
        ("paused", "watchdog", "paused-watchdog"),
        ("paused", "postcopy_failed", "postcopy-failed"),
        ("crashed", "panicked", "crashed"),
        ("shut_off", "crashed", "crashed"),
        ("shut_off", "failed", "failed"),
    ],
)
def test_a_bad_state_comes_first_with_its_cure(state: str, reason: str, expected: str) -> None:
    first = findings(machine(state=state, reason=reason))[0]
    assert first.id == expected
    assert first.cure or first.action


def test_a_machine_that_is_paused_on_purpose_is_not_wrong() -> None:
    assert all(finding.severity == "info" for finding in findings(machine(state="paused", reason="user")))


def test_what_waits_is_told_with_the_act_that_ends_the_waiting() -> None:
    found = {f.id: f.action for f in findings(machine(changes_pending=True, has_saved_image=True, persistent=True))}
    assert (found["pending"], found["saved-state"]) == ("shutdown", "restore")


def test_a_temporary_machine_without_a_console_is_told() -> None:
    assert {"transient", "no-console"} <= {f.id for f in findings(machine(persistent=False, consoles=[]))}
