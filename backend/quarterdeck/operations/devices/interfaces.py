"""Network interfaces of a machine: added and changed."""

from __future__ import annotations

import secrets
from typing import Any

from ...hypervisor.hosts import Hosts
from ...model.bodies import wanted
from ...model.devices import Interface, Placed, devices
from ...model.devices.interface import NO_SOURCE
from ...model.edits import InterfaceTo
from ...problems import Problem
from ..changing.changing import Draft
from ..changing.fit import Values
from ..inventory.usage import Usage
from .parts import Parts
from .plugging import running_pair

SETTINGS = frozenset(name for name in Interface.places if name not in ("source", "mac", "link"))


class Interfaces:
    """Plans changes of network interfaces. Every method notes faults in the draft."""

    def __init__(self, hosts: Hosts, usage: Usage, parts: Parts) -> None:
        self._hosts = hosts
        self._usage = usage
        self._parts = parts

    def add(self, draft: Draft, body: Any) -> None:
        """A new network interface."""
        to = body.source or InterfaceTo(network="default")
        self._check_source(draft, to)
        given = {name: value for name, value in wanted(body).items() if value is not None and name in SETTINGS}
        if given.get("port_forwards"):
            given.setdefault("backend", "passt")
        values = {
            "source": _source(to),
            "mac": self._mac(draft, body.mac),
            "model": _usual_model(draft),
            "link": body.link if body.link == "down" else None,
            **given,
        }
        self._parts.place(draft, Interface, values, {**given, "source": wanted(to)})

    def edit(self, draft: Draft, placed: Placed, body: Any) -> None:
        """Change a network interface."""
        before, given = Interface.read(placed.element), body.model_fields_set
        changes: Values = {name: value for name, value in wanted(body).items() if name in SETTINGS}
        if "mac" in given:
            changes["mac"] = self._mac(draft, body.mac) if body.mac != before.mac else before.mac
        if "link" in given:
            changes["link"] = body.link if body.link == "down" or before.link else None
        later: Values = {}
        if body.source:
            self._check_source(draft, body.source)
            self._plug(draft, placed, body.source, changes, later)
        self._parts.change(draft, placed, changes)
        if later:
            Interface.patch(placed.element, later)
            draft.late("source", "/source")
            draft.with_file("update-device", placed.element, "--config")

    def _plug(self, draft: Draft, placed: Placed, to: InterfaceTo, now: Values, later: Values) -> None:
        """Another network of the same kind takes effect at once; from network to bridge it waits."""
        source, running = _source(to), running_pair(draft, placed.id)
        other_kind = draft.live and (running is None or running[1].get("type") != source["type"])
        (later if other_kind else now)["source"] = source
        for element in [placed.element, *([running[1]] if running else [])]:
            left = element.find("source")
            if left is not None:
                left.attrib.pop("portid", "")

    def _check_source(self, draft: Draft, to: InterfaceTo) -> None:
        found = self._hosts.get(draft.host)
        if to.network:
            row = next((each for each in found.networks.rows() if each.name == to.network), None)
            if row is None:
                draft.fault("/source/network", f"The host has no network {to.network}.")
            elif not row.active and draft.live:
                draft.fault("/source/network", f"The network {to.network} does not run.", cure="Start it first.")
        elif to.bridge:
            try:
                names = {device.name for device in found.nodedevs.all("net")}
            except Problem:  # a libvirt without that driver cannot tell
                return
            known = f"net_{to.bridge.replace('-', '_').replace('.', '_')}_"
            if names and not any(name.startswith(known) for name in names):
                draft.fault("/source/bridge", f"The host has no bridge {to.bridge}.", cure="Make it there first.")

    def _mac(self, draft: Draft, wanted: str | None) -> str:
        taken = dict(self._usage.macs(draft.host))
        for root in (draft.saved, draft.running):
            for device in devices(root) if root is not None else ():
                if isinstance(device, Interface) and device.mac:
                    taken[device.mac.lower()] = draft.row.name
        if wanted:
            if wanted in taken:
                draft.fault("/mac", f"{wanted} is the address of an interface of {taken[wanted]}.", slug="in-use")
            return wanted
        while True:  # 52:54:00 is QEMU's own range
            mac = "52:54:00:" + ":".join(f"{byte:02x}" for byte in secrets.token_bytes(3))
            if mac not in taken:
                return mac


def _source(to: InterfaceTo) -> Values:
    """All places of a source, so that nothing of the old one stays."""
    more: Values = {"socket_type": "unix"} if to.type == "vhostuser" else {}
    asked = wanted(to)
    if asked.get("address"):
        asked["address"] = {"kind": "pci", **asked["address"]}
    if to.type == "direct":
        more["mode"] = "bridge"
    if to.type == "vhostuser":
        more["mode"] = "client"
    return NO_SOURCE | more | {name: value for name, value in asked.items() if value is not None}


def _usual_model(draft: Draft) -> str:
    models = [device.model for device in devices(draft.saved) if isinstance(device, Interface) and device.model]
    return models[0] if models else "virtio"
