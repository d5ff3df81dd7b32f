"""What the form of a new device asks for beside its XML: a volume that is made, a password, a passphrase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...model.devices import Disk
from ...model.edits import DeviceAdd
from ...model.secrecy import keep_secrets, mask_secrets
from ...model.xml import Element, dump, fault_at, parse
from ..changing.changing import Draft, below


def take_along(draft: Draft, element: Element, form: DeviceAdd, add: Callable[[Draft, Any], None]) -> None:
    """Plan in a draft what the form asks for beside the text that was made from it, whose masks become the secrets."""
    side = draft.aside()
    below("form", side, lambda: add(side, form))
    made = parse(dump(side.saved.findall(f"devices/{form.type}")[-1]))
    if made.tag != element.tag:
        raise fault_at(element, f"The form is that of a new {made.tag}.")
    if dump(mask_secrets(element)) != dump(element):
        raise fault_at(element, "Type a password into the form; the text has a mask in its place.")
    keep_secrets(element, made)
    if side.first:
        _same_place(element, made)
    draft.first += side.first
    draft.commands += side.commands[:-1]  # the last one adds the device itself
    draft.warnings += side.warnings


def _same_place(element: Element, made: Element) -> None:
    """The text must use what is made; the secret of a passphrase has another UUID at each plan."""
    if Disk.read(element).path != Disk.read(made).path:
        raise fault_at(
            element, f"The new volume is {Disk.read(made).path}: leave its path, or take it out of the form."
        )
    old, new = (each.find(".//encryption/secret") for each in (element, made))
    if (old is None) != (new is None):
        raise fault_at(element, "The passphrase of the form belongs to an encrypted disk: leave its secret.")
    if old is not None and new is not None:
        old.set("uuid", new.get("uuid", ""))
