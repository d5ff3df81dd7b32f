"""Devices of the host that are given to machines: which one is meant, who else has it, what comes with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...hypervisor.hosts import Hosts
from ...model.devices import HostDev, Placed, devices
from ...model.nodedev import NodeDevice, host_device, read_node_device
from ...problems import Problem
from ..changing.changing import Draft
from ..changing.fit import Values
from ..inventory.usage import Usage

LOST = ("net", "storage")
"""libvirt's names for what a host uses of a device."""


@dataclass(frozen=True)
class HostDevices:
    """The rule of host devices."""

    hosts: Hosts
    usage: Usage

    def rule(self, draft: Draft, values: Values, found: Placed | None) -> Values:
        """The address of the device that is meant; a fault where another machine has it."""
        if found:
            return {}
        more: Values = {"mode": "subsystem"}
        name = values.pop("node_device", None)
        if name:
            more |= self._named(draft, name)
        values = values | more
        if not values.get("kind"):
            if name:  # what is wrong with it is told already
                return more
            draft.fault("/kind", "Say which device: node_device, or kind and address.")
            return more
        if values["kind"] == "mdev":
            more["model"] = values.get("model") or "vfio-pci"
        if values["kind"] == "pci" and values.get("managed") is None:
            more["managed"] = True
        self._check(draft, values | more, "/node_device" if name else "/address")
        return more

    def _named(self, draft: Draft, name: str) -> Values:
        try:
            raw = self.hosts.get(draft.host).nodedevs.get(name)
        except Problem as problem:
            draft.fault("/node_device", problem.detail)
            return {}
        device = read_node_device(draft.host, raw.name, raw.parent, raw.xml)
        wanted = host_device(device, raw.xml)
        if wanted is None:
            draft.fault("/node_device", f"{device.title} cannot be given to a machine.")
            return {}
        all_raw = self.hosts.get(draft.host).nodedevs.all()
        known = [read_node_device(draft.host, each.name, each.parent, each.xml) for each in all_raw]
        if wanted["kind"] == "pci":
            self._group(draft, device, known)
        self._taken_from_host(draft, device, known)
        return wanted

    def _group(self, draft: Draft, device: NodeDevice, known: Sequence[NodeDevice]) -> None:
        """All devices of one IOMMU group go to one machine, or none does (kernel, vfio)."""
        if device.iommu_group is None:
            draft.warnings.append(
                "The host tells no IOMMU group for it: its IOMMU is probably off, so the machine cannot start."
            )
            return
        others = [each.title for each in known if each.iommu_group == device.iommu_group and each.name != device.name]
        if others:
            draft.warnings.append(
                f"It shares IOMMU group {device.iommu_group} with {', '.join(others)}: they go with it."
            )

    def _taken_from_host(self, draft: Draft, device: NodeDevice, known: Sequence[NodeDevice]) -> None:
        """The host's own network cards and disks that are or stand on the device go from it (libvirt, `managed`)."""
        parents = {each.name: each.parent for each in known}
        lost = [each.title for each in known if each.type in LOST and device.name in _above(each.name, parents)]
        if lost:
            draft.warnings.append(f"The host loses {', '.join(lost)} while the machine has it.")

    def _check(self, draft: Draft, values: Values, pointer: str) -> None:
        key = HostDev.read(HostDev.build(_declared(values))).identity
        if key is None:
            draft.fault(pointer, "Say which device: vendor and product, or the address.")
            return
        own = {each.identity for each in devices(draft.saved) if isinstance(each, HostDev)}
        if key in own:
            draft.fault(pointer, "This machine has it already.", slug="in-use")
        users = [name for name in self.usage.host_devices(draft.host).get(key, []) if name != draft.row.name]
        if users:
            draft.warnings.append(f"{', '.join(users)} has it too; only one of them can run.")


def _above(name: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    parent = parents.get(name)
    while parent is not None:
        yield parent
        parent = parents.get(parent)


def _declared(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in HostDev.places}
