"""Shut down and start again, on a made-up host."""

from __future__ import annotations

from ...conftest import Client
from ...waiting import job_done
from ..machine import Machine

ON, OFF = "web-1", "fedora-try"


def run(machine: Machine) -> str:
    """What names this run of it."""
    return machine.call("GET", "/xml?live=true").json["xml"].splitlines()[0]


def test_it_is_shut_down_and_started_with_what_waited(client: Client) -> None:
    machine = Machine(client, ON)
    before = run(machine)
    machine.patch({"vcpus_max": machine.now["vcpus_max"] + 2})
    assert machine.now["changes_pending"]
    answer = machine.call("POST", "/power-cycle", {"timeout_seconds": 60}, None)
    assert answer.status_code == 202, answer.text
    job_done(client, answer.headers["Location"])
    now = machine.now
    assert (now["state"], now["changes_pending"], run(machine) == before) == ("running", False, False)


def test_the_plan_says_it_in_virsh_and_touches_nothing(client: Client) -> None:
    machine = Machine(client, ON)
    body = {"timeout_seconds": 90, "force": True}
    plan = machine.call("POST", "/power-cycle?dry_run=true", body, None).json
    assert plan["commands"][0] == f"virsh shutdown {ON}"
    assert plan["commands"][1].startswith("timeout 90 ")
    assert plan["commands"][1].endswith(f"|| virsh destroy {ON}")
    assert plan["commands"][2] == f"virsh start {ON}"
    assert "lost" in plan["warnings"][0]
    assert machine.now["state"] == "running"


def test_what_is_off_cannot_be_shut_down(client: Client) -> None:
    answer = Machine(client, OFF).call("POST", "/power-cycle", {}, None)
    assert (answer.status_code, answer.json["detail"]) == (409, "It is off. Start it first.")
    faults = Machine(client, ON).call("POST", "/power-cycle", {"timeout_seconds": 1}, None).json["errors"]
    assert [each["pointer"] for each in faults] == ["/timeout_seconds"]
