"""Network interfaces of a machine: added and changed."""

from __future__ import annotations

import secrets
from typing import Any

from ..hypervisor.hosts import Hosts
from ..model.devices import Interface, Placed, devices
from ..model.edits import InterfaceAdd, InterfaceEdit, InterfaceTo
from ..model.xml import Element
from ..problems import Problem
from .changing import Draft
from .plugging import check_port, plug, running_pair, update_live
from .usage import Usage

LATE = ("mac", "model", "mtu")


class Interfaces:
    """Plans changes of network interfaces. Every method notes faults in the draft."""

    def __init__(self, hosts: Hosts, usage: Usage) -> None:
        self._hosts = hosts
        self._usage = usage

    def add(self, draft: Draft, body: InterfaceAdd) -> None:
        """A new network interface."""
        self._check_source(draft, body.source)
        values = {
            "source": _source(body.source),
            "mac": self._mac(draft, body.mac),
            "model": body.model or _usual_model(draft),
            "link": body.link if body.link == "down" else None,
            "mtu": body.mtu,
        }
        check_port(draft, "/type")
        plug(draft, Interface.build(values))

    def edit(self, draft: Draft, placed: Placed, body: InterfaceEdit) -> None:
        """Change a network interface."""
        before, given = Interface.read(placed.element), body.model_fields_set
        pair = running_pair(draft, placed.id)
        changes: dict[str, Any] = {name: getattr(body, name) for name in LATE if name in given}
        if body.mac and body.mac != before.mac:
            changes["mac"] = self._mac(draft, body.mac)
        for name in changes:
            draft.late(name, f"/{name}")
        now: dict[str, Any] = {}
        if "link" in given:
            now["link"] = body.link if body.link == "down" or before.link else None
            draft.virsh("domif-setlink", before.mac, body.link or "up", *([] if pair else ["--config"]))
            draft.effect("link", live=pair is not None)
        if body.source:
            self._check_source(draft, body.source)
            self._plug(draft, pair[1] if pair else None, body.source, now, changes)
        Interface.patch(placed.element, changes | now)
        _forget_port(placed.element, changes | now)
        if pair and now:
            Interface.patch(pair[1], now)
            _forget_port(pair[1], now)
            update_live(draft, pair[0].element, pair[1])
        if set(changes | now) - {"link"}:
            draft.with_file("update-device", placed.element, *(draft.flags if not changes else ["--config"]))

    def _plug(
        self,
        draft: Draft,
        running: Element | None,
        to: InterfaceTo,
        now: dict[str, Any],
        later: dict[str, Any],
    ) -> None:
        """Another network of the same kind takes effect at once; from network to bridge it waits."""
        source = _source(to)
        same_kind = running is not None and running.get("type") == source["type"]
        (now if same_kind or not draft.live else later)["source"] = source
        if draft.live and not same_kind:
            draft.late("source", "/source")
        else:
            draft.effect("source", live=same_kind)

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


def _source(to: InterfaceTo) -> dict[str, Any]:
    gone: dict[str, Any] = dict.fromkeys(("network", "portgroup", "bridge", "dev", "mode"))
    return gone | (
        {"type": "network", "network": to.network} if to.network else {"type": "bridge", "bridge": to.bridge}
    )


def _forget_port(element: Element, changes: dict[str, Any]) -> None:
    source = element.find("source")
    if source is not None and "source" in changes:
        source.attrib.pop("portid", "")


def _usual_model(draft: Draft) -> str:
    models = [device.model for device in devices(draft.saved) if isinstance(device, Interface) and device.model]
    return models[0] if models else "virtio"
