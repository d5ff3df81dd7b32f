"""A restart of a network whose service is killed at each of its steps: it ends after all, and no cable is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed, Nic, wait_for

LAB = "/hosts/local/networks/lab"
MAC = "52:54:00:77:00:02"
HOLD = "quarterdeck-hold-*"
SETTINGS = {"name": "lab", "mode": "nat", "ips": [{"address": "10.99.0.1", "prefix": 24}]}
OTHER = "<network><name>lab</name><uuid>{uuid}</uuid><forward mode='{mode}'>{what}</forward>{more}</network>"
HOOK = """#!/bin/sh
cat >/dev/null
case "$1 $2" in $(cat /var/lib/libvirt/stand-at)) ;; *) exit ;; esac
rm /var/lib/libvirt/stand-at
read -r code </var/lib/libvirt/go-on
exit "$code"
"""
"""libvirt waits for its hook: a restart stands still at the step that `stand-at` names, until somebody writes
whether libvirt may go on (0) or not (1)."""


class Steps:
    """Where acts of libvirt on networks stand still."""

    def __init__(self, bed: Bed) -> None:
        self.at, self.go_on = (bed.a.space.folder / "lib" / name for name in ("stand-at", "go-on"))

    def stand(
        self, network: str, act: str, *, before: Callable[[], Any], meanwhile: Callable[[], None], refused: bool = False
    ) -> Any:
        """Begin something, and do something else while libvirt stands still at this step, which may be refused then."""
        self.at.write_text(f"{network} {act}")
        begun = before()
        wait_for(lambda: not self.at.exists(), what=f"{network} {act}")
        meanwhile()
        self.go_on.write_text(f"{int(refused)}\n")
        return begun


@pytest.fixture
def steps(bed: Bed) -> Iterator[Steps]:
    hook = bed.a.space.folder / "etc/hooks/network"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)
    made = Steps(bed)
    os.mkfifo(made.go_on)
    bed.a.stop_libvirtd()  # it looks for hooks when it starts
    bed.a.start_libvirtd()
    yield made
    for path in (hook, made.go_on, made.at):
        path.unlink(missing_ok=True)
    bed.a.stop_libvirtd()
    bed.a.start_libvirtd()


def on_bridge(bed: Bed, bridge: str) -> bool:
    """Whether the guest's cable is in this bridge, and nothing waits."""
    card = bed.a.virsh("domiflist", "guest").split()
    plugged = f"{card[0]}:" in bed.a.space.run("ip", "-o", "link", "show", "master", bridge, check=False)
    return plugged and card[2] == "lab" and "hold" not in bed.a.virsh("net-list", "--all", "--name")


def define(bed: Bed, xml: str) -> None:
    bed.a.space.run("virsh", "net-define", "/dev/stdin", text_in=xml)


def test_service_killed_at_each_step_of_a_restart_ends_it_and_every_cable_is_back(
    steps: Steps, bed: Bed, begin_deck: Callable[..., Deck]
) -> None:
    deck = begin_deck(bed, local_uri=bed.a.local_uri, accelerator="qemu")
    wait_for(lambda: deck.ask("GET", "/hosts/local/networks").status == 200)
    made = deck.ask("POST", "/hosts/local/networks", SETTINGS)
    assert made.status == 201, made.json
    bridge, uuid = made.json["bridge"], made.json["uuid"]
    bed.a.define(bed.guest_xml("guest", nic=Nic("lab", MAC)), start=True)
    saved = bed.a.virsh("net-dumpxml", "--inactive", "lab")
    restart = partial(deck.begin, "POST", f"{LAB}/restart")

    def killed_at(network: str, act: str, state: str) -> dict[str, Any]:
        job = steps.stand(network, act, before=restart, meanwhile=deck.kill)
        deck.start()
        assert deck.login("demo", "demo").status == 200
        return deck.ended(job, state)

    job = steps.stand(HOLD, "port-created", before=restart, meanwhile=lambda: None, refused=True)
    assert deck.ended(job, "failed")["problem"]
    assert on_bridge(bed, bridge), "where a machine cannot wait, nothing is restarted"

    define(bed, saved.replace(f"<bridge name='{bridge}'", "<bridge name='eth0'"))  # it does not start so
    for network, act in ((HOLD, "port-created"), ("lab", "stopped"), ("lab", "port-created"), (HOLD, "stopped")):
        problem = killed_at(network, act, "failed")["problem"]
        assert "runs as before" in problem["detail"], (network, act, problem)
        assert on_bridge(bed, bridge), (network, act)
    define(bed, OTHER.format(uuid=uuid, mode="private", what="<interface dev='eth0'/>", more=""))
    problem = deck.ended(deck.begin("POST", f"{LAB}/restart"), "failed")["problem"]
    assert "guest" in problem["cure"], problem
    assert on_bridge(bed, bridge), "a card that runs cannot be put on an interface of the host"
    define(bed, OTHER.format(uuid=uuid, mode="bridge", what="", more="<bridge name='virbr0'/>"))
    assert killed_at("lab", "stopped", "done")["result"] == {"machines": ["guest"]}
    assert on_bridge(bed, "virbr0")
