"""Devices of a host as people see them."""

from __future__ import annotations

from typing import Any

from quarterdeck.model.xml import Element, parse

from .strict import Value


class NodeDevice(Value):
    """A device of a host. `address` is its place on its bus, as `lspci` and `lsusb` write it.

    `used_by` names the machines that it is given to.
    """

    host: str
    name: str
    parent: str | None = None
    type: str
    title: str
    vendor: str | None = None
    product: str | None = None
    vendor_id: str | None = None
    product_id: str | None = None
    address: str | None = None
    driver: str | None = None
    iommu_group: int | None = None
    used_by: list[str] = []


def read_node_device(host: str, name: str, parent: str | None, xml: str) -> NodeDevice:
    """A device from its XML."""
    root = parse(xml)
    capability = root.find("capability")
    if capability is None:
        return NodeDevice(host=host, name=name, parent=parent, type="unknown", title=name)
    vendor, product = capability.find("vendor"), capability.find("product")
    group = capability.find("iommuGroup")
    kind = capability.get("type", "unknown")
    words = [(e.text or "").strip() for e in (vendor, product) if e is not None]
    return NodeDevice(
        host=host,
        name=name,
        parent=parent,
        type=kind,
        title=" ".join(filter(None, words)) or _named(capability) or name,
        vendor=(vendor.text if vendor is not None else None) or None,
        product=(product.text if product is not None else None) or None,
        vendor_id=vendor.get("id") if vendor is not None else None,
        product_id=product.get("id") if product is not None else None,
        address=_address(kind, capability),
        driver=root.findtext("driver/name"),
        iommu_group=int(group.get("number", "0")) if group is not None else None,
    )


def _named(capability: Element) -> str | None:
    return next((text for tag in ("interface", "block", "model") if (text := capability.findtext(tag))), None)


def _address(kind: str, capability: Element) -> str | None:
    def number(tag: str) -> int:
        return int(capability.findtext(tag) or "0", 0)

    if kind == "pci":
        return f"{number('domain'):04x}:{number('bus'):02x}:{number('slot'):02x}.{number('function'):x}"
    if kind == "usb_device":
        return f"{number('bus'):03d}:{number('device'):03d}"
    return None


def host_device(device: NodeDevice, xml: str) -> dict[str, Any] | None:
    """The values of a `<hostdev>` that gives this device to a machine; None where it is none that can be given."""
    capability = parse(xml).find("capability")
    if capability is None:
        return None

    def number(tag: str) -> int:
        return int(capability.findtext(tag) or "0", 0)

    if device.type == "pci":
        parts = {"domain": f"0x{number('domain'):04x}", "bus": f"0x{number('bus'):02x}"}
        return {
            "kind": "pci",
            "address": {**parts, "slot": f"0x{number('slot'):02x}", "function": f"0x{number('function'):x}"},
        }
    if device.type == "usb_device":
        place = {"bus": str(number("bus")), "device": str(number("device"))}
        ids = {"vendor": device.vendor_id, "product": device.product_id}
        return {"kind": "usb", **(ids if all(ids.values()) else {"address": place})}
    if device.type == "mdev":
        return {"kind": "mdev", "address": {"uuid": capability.findtext("uuid") or device.name[5:41].replace("_", "-")}}
    if device.type == "scsi":
        place = {"bus": str(number("bus")), "target": str(number("target")), "unit": str(number("lun"))}
        return {"kind": "scsi", "adapter": f"scsi_host{number('host')}", "address": place}
    return None
