"""A guest's agent that hangs when it is asked to stop the guest's writing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.hypervisor import agents
from tests.qemu.bed import Bed, wait_for
from tests.qemu.script import Machine, Script, Serial

HOOK = r"""printf '#!/bin/sh\necho $1 >> /said\n[ $1 = thaw ] || until [ -e /go ]; do sleep 1; done\n' > /hook"""
AGENT = "qemu-ga -m virtio-serial -p /dev/$(basename $(dirname $(grep -l guest_agent /sys/class/virtio-ports/*/name)))"


@pytest.fixture
def script(bed: Bed, tmp_path: Path) -> Iterator[Script]:
    made = Script(bed, tmp_path)
    yield made
    made.stop()


def agent(one: Machine, words: str) -> str:
    """What the guest's agent answers."""
    return one.host.virsh("qemu-agent-command", one.name, words, check=False)


def test_an_agent_that_hangs_is_waited_for_only_so_long_and_leaves_nothing_behind(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "FREEZE_SECONDS", 3)
    disk = script.bed.a.make_disk("stuck.img", "32M")
    one = Machine(
        script, script.bed.a.define(script.bed.guest_xml("stuck", disk=disk, agent=True), start=True), "stuck"
    )
    wait_for(lambda: "return" in agent(one, '{"execute":"guest-ping"}'), what="the agent")
    serial = Serial(one.host, one.name)
    serial.shell(f"kill $(pidof qemu-ga); {HOOK}; chmod +x /hook")
    serial.send(f"{AGENT} -F/hook &")
    wait_for(lambda: "return" in agent(one, '{"execute":"guest-ping"}'), what="the agent with its hook")

    wish = {"name": "quiet", "memory": False, "quiesce": True}
    job = one.begin("POST", "/snapshots", wish)
    assert one.reached(job, lambda seen: seen["phase"] == "thaw")["can_cancel"]
    assert (one.snapshots, one.files(), one.host.state("stuck")) == ({}, ["stuck.img"], "running")
    at_once = one.call("POST", "/snapshots?dry_run=true", wish)
    assert (at_once.status_code, at_once.json["type"]) == (409, "/problems/busy"), at_once.text
    serial.shell("touch /go")
    over = one.end(job, "failed")
    assert over["problem"]["type"] == "/problems/agent-unavailable", over
    assert "freeze hook" in over["problem"]["cure"], over
    assert "writes to its disks as before" in over["log"][-1]["text"], over
    serial.send("echo said-$(echo $(cat /said))-said")
    assert serial.until("said-([a-z ]+)-said")[1] == "freeze thaw"

    serial.shell("rm /go")
    job = one.begin("POST", "/clone", {"name": "copy"})
    one.reached(job, lambda seen: seen["phase"] == "thaw")
    serial.shell("touch /go")
    copied = one.end(job)
    assert any("as after a power cut" in line["text"] for line in copied["log"]), copied
    monkeypatch.undo()
    one.take("now", memory=False, quiesce=True)
    assert list(one.snapshots) == ["now"]
    serial.shell("kill -STOP $(pidof qemu-ga)")
    over = one.end(one.begin("POST", "/snapshots", wish), "failed")
    serial.close()
    assert (over["problem"]["detail"], over["log"]) == ("The guest agent does not answer.", []), over
    assert list(one.snapshots) == ["now"]
