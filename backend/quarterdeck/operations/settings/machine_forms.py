"""The forms of a machine: every kind of hardware with its fields, and why some of it cannot be had here."""

from __future__ import annotations

from ...hypervisor.hosts import Hosts
from ...model.devices import KINDS, Device, placed
from ...model.edits import WISHES
from ...model.forms import Form, Offer, fields_of
from ...model.xml import Element, parse
from ..changing.offered import Offered

DRIVES = (
    ("cdrom", "CD-ROM drive", "A drive whose medium can be changed while the machine runs."),
    ("floppy", "Floppy drive", "A drive for systems of old, and for drivers of Windows."),
)
DRIVE_FIELDS = ("bus", "cache", "io", "serial", "wwn", "vendor", "product", "startup_policy", "boot_order", "iotune")


class MachineForms:
    """Makes forms from the declarations, for one machine on its host."""

    def __init__(self, hosts: Hosts, offered: Offered) -> None:
        self._hosts = hosts
        self._offered = offered

    def all(self, host: str, uuid: str) -> list[Form]:
        """The forms of all kinds of devices."""
        root = parse(self._hosts.get(host).domains.xml(uuid))
        offer = self._offered.machine(host, root)
        forms = [_form(kind, root, offer) for kind in KINDS.values()]
        return [forms[0], *(_drive(forms[0], *drive) for drive in DRIVES), *forms[1:]]


def _drive(disk: Form, name: str, title: str, sentence: str) -> Form:
    """The form of a drive: that of a disk with what a medium can have."""
    fields = [field for field in disk.fields if field.name in DRIVE_FIELDS]
    return disk.model_copy(update={"id": name, "title": title, "help": sentence, "fields": fields})


def _form(kind: type[Device], root: Element, offer: Offer) -> Form:
    wish = WISHES.get(kind.tag)
    return Form(
        id=kind.tag,
        type=kind.tag,
        title=kind.noun,
        help=(kind.__doc__ or "").split("\n")[0],
        most=kind.most,
        reason=offer.lacks(kind.offer) or _full(kind, root),
        fields=[*(fields_of(wish, offer) if wish else []), *fields_of(kind, offer, kind.usual)],
    )


def _full(kind: type[Device], root: Element) -> str | None:
    """Why the machine has no room for one more; one that stands for none (model none) does not count."""
    there = [each for each in placed(root) if each.tag == kind.tag and each.element.get("model") != "none"]
    if kind.most is None or len(there) < kind.most:
        return None
    return "The machine has one already." if kind.most == 1 else f"A machine has {kind.most} of them at most."
