"""What is saved of a network but does not run yet. Pure."""

from __future__ import annotations

from .compare import differing
from .network_settings import NetworkSettings, read_settings, usual
from .network_updates import compare
from .order import remove
from .secrecy import prune
from .xml import Element, dump

NO_EFFECT = ("title", "description", "metadata")
"""What tells people or programs something, and libvirt nothing."""


def pending(saved: Element, running: Element) -> list[str]:
    """The fields of the form, and the paths beyond it, in which the running network is not what is saved."""
    new, old = read_settings(saved), read_settings(running)
    fields = compare(old, new).fields if new and old else []
    told = {field.split(".")[0] for field in fields}
    known = [name for name, place in NetworkSettings.places.items() if not place.many] if new and old else []
    found = differing(NetworkSettings, *_common(running, saved))
    return fields + [field for field in found if field.split(".")[0] not in [*told, *known]]


def _common(running: Element, saved: Element) -> tuple[Element, Element]:
    """Both in one way of writing and order, without what libvirt fills in when a network starts."""
    old, new = usual(running), usual(saved)
    for root in (old, new):
        for element in root.iter("*"):
            element.attrib.pop("connections", "")
        for element in [child for name in NO_EFFECT for child in root.findall(name)]:
            remove(element)
        for host in root.iterfind("ip/dhcp/host[@mac]"):
            host.set("mac", host.get("mac", "").lower())
        for parent in [root, *root.findall("ip/dhcp"), *root.findall("dns")]:
            parent[:] = sorted(parent, key=_place)
    _without_defaults(old, new)
    return old, new


def _place(element: Element) -> tuple[str, str]:
    """Addresses keep their order, which libvirt counts them by; what a live change puts at the end has none."""
    return str(element.tag), "" if element.tag in ("ip", "route") else " ".join(dump(element).split())


def _without_defaults(running: Element, saved: Element) -> None:
    """A network that runs names the ports of its NAT, and what a card with virtual functions has."""
    for nat in running.findall("forward/nat"):
        ports = [port for port in nat if (port.get("start"), port.get("end")) == ("1024", "65535")]
        for port in ports if saved.find("forward/nat/port") is None else ():
            remove(port)
        prune(running, nat)
    for part in [*running.findall("forward/interface"), *running.findall("forward/address")]:
        if saved.find("forward/pf") is not None:
            remove(part)
