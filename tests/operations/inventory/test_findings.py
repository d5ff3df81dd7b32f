"""What a machine's overview says is wrong, or worth doing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import libvirt
import pytest

from quarterdeck.app import Service
from quarterdeck.hypervisor.watch import News
from quarterdeck.model.domain import Domain, Finding
from quarterdeck.operations.inventory.findings import findings
from quarterdeck.operations.inventory.views import read
from quarterdeck.operations.inventory.why import Circumstances, DiskTrouble, Incidents, KeptBack, Why

from ...conftest import Client
from ..machine import Machine


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
        ("crashed", "panicked", "panicked"),
        ("paused", "crashed", "panicked"),
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
    assert (found["pending"], found["saved-state"]) == ("power-cycle", "restore")


def test_a_temporary_machine_without_a_console_is_told() -> None:
    assert {"transient", "no-console"} <= {f.id for f in findings(machine(persistent=False, consoles=[]))}


def circumstances(**more) -> dict[str, Finding]:
    state = more.pop("state", ("running", "booted"))
    return {f.id: f for f in findings(machine(state=state[0], reason=state[1]), Circumstances(**more))}


def test_a_full_pool_is_named_with_its_disk_and_what_is_left() -> None:
    disk = DiskTrouble("vda", True, "/pool/a.qcow2", "fast", 4096, 8 << 20)
    found = circumstances(state=("paused", "ioerror"), disks=(disk,))
    card = found["paused-full-vda"]
    assert "vda" in card.title
    assert "the pool fast is full" in card.text
    assert "4 KiB of 8 MiB left" in card.text
    assert (card.action, card.pool) == ("resume", "fast")
    assert "paused-ioerror" not in found


def test_a_broken_disk_is_not_called_full() -> None:
    found = circumstances(state=("paused", "ioerror"), disks=(DiskTrouble("vdb", False, "/dev/sdx"),))
    assert "could not read or write /dev/sdx" in found["paused-ioerror-vdb"].text


def test_what_happened_once_is_told_until_the_next_start() -> None:
    incidents = Incidents()
    for event, detail in (
        ("watchdog", {"action": 2}),
        ("io_error_reason", {"device": "vda", "action": 2}),
        ("block_threshold", {"device": "vdb"}),
        ("reboot", {}),
    ):
        incidents.news(News("domain", "local", "u", event, detail))
    found = circumstances(incidents=incidents.of("local", "u"))
    assert {"watchdog", "io-error-vda", "threshold-vdb"} <= set(found)
    assert "what was done: reset" in found["watchdog"].text
    incidents.news(News("domain", "local", "u", "started"))
    assert incidents.of("local", "u") == ()


def test_an_error_that_paused_the_machine_is_told_by_its_state() -> None:
    incidents = Incidents()
    incidents.news(News("domain", "local", "u", "io_error_reason", {"device": "vda", "action": 1}))
    assert "io-error-vda" not in circumstances(incidents=incidents.of("local", "u"))


def test_taints_and_what_is_deprecated_are_told_in_words() -> None:
    messages = (
        "tainted: custom configuration parameters specified",
        "tainted: running with undesirable elevated privileges",
        "deprecated configuration: machine type 'pc-i440fx-2.0'",
    )
    found = circumstances(messages=messages)
    assert "pc-i440fx-2.0" in found["deprecated"].text
    assert [f for f in found if f.startswith("tainted")] == ["tainted-qemu-gets-parameters-of-its-own"]


def test_an_agent_that_does_not_answer_is_told_while_it_runs() -> None:
    channel = {"type": "channel", "name": "org.qemu.guest_agent.0", "state": "disconnected"}
    device = {"id": "channel-0", "type": "channel", "title": "Channel", "saved": channel, "running": channel}
    assert "no-agent" in {f.id for f in findings(machine(devices=[device]))}
    assert "no-agent" not in {f.id for f in findings(machine(devices=[device], state="paused", reason="user"))}


def test_a_machine_that_always_runs_is_offered_to_start_with_the_host() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    incidents = Incidents(lambda: now[0])
    assert incidents.running_days("local", "u") == 0
    now[0] += timedelta(days=4)
    card = circumstances(running_days=incidents.running_days("local", "u"))["no-autostart"]
    assert "4 days" in card.text
    assert card.remedy
    assert (card.remedy.method, card.remedy.body) == ("PATCH", {"autostart": True})
    incidents.news(News("domain", "local", "u", "stopped"))
    assert "no-autostart" not in circumstances(running_days=incidents.running_days("local", "u"))


def test_old_snapshots_are_told_with_their_size() -> None:
    assert "old-snapshots" not in circumstances(snapshots=KeptBack(1, 3, 0))
    card = circumstances(snapshots=KeptBack(2, 45, 3 << 30))["old-snapshots"]
    assert "45 days" in card.title
    assert "3 GiB" in card.text
    assert card.tab == "snapshots"


def test_the_channel_of_the_agent_is_added_by_its_remedy(client: Client) -> None:
    box = Machine(client, "old-wiki")
    remedy = next(found for found in box.now["findings"] if found["id"] == "no-agent-channel")["remedy"]
    plan = box.call(remedy["method"], remedy["path"] + "?dry_run=true", remedy["body"]).json
    assert "org.qemu.guest_agent.0" in plan["xml_diff"]
    after = box.call(remedy["method"], remedy["path"], remedy["body"]).json
    assert "no-agent-channel" not in [found["id"] for found in after["findings"]]


def test_snapshots_are_dated_by_what_libvirt_keeps_of_them(client: Client, service: Service) -> None:
    box = Machine(client, "db-1")
    uuid, snapshots = box.now["uuid"], service.hosts.get("local").snapshots
    with service.hosts.get("local").connection() as conn:
        made = conn.lookupByUUIDString(uuid).snapshotCreateXML("<domainsnapshot><name>then</name></domainsnapshot>")
        xml = made.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
    old = re.sub("<creationTime>[0-9]+", "<creationTime>1000000000", xml)
    snapshots.redefine(uuid, old, current=True)
    assert "old-snapshots" in [found["id"] for found in box.now["findings"]]


def test_snapshots_that_go_while_they_are_looked_at_are_none(client: Client, service: Service) -> None:
    uuid, domains = Machine(client, "db-1").now["uuid"], service.hosts.get("local").domains
    row = domains.row(uuid)
    assert row is not None
    stale = replace(row, snapshots=1, snapshot="gone")
    assert Why(service.hosts, Incidents()).of("local", stale, read(domains.xml(uuid), None)).snapshots is None
