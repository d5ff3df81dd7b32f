"""Changes of the machine type and of the firmware."""

from __future__ import annotations

import shlex
from typing import Any

from ...model.board import change_firmware, change_machine, family, known
from ...model.definition import describe
from ...model.remarks import Site
from ...model.secrecy import mask_secrets
from ...model.xml import dump
from ..changing.changing import Draft, here_document


def plan_board(draft: Draft, given: dict[str, Any], site: Site) -> None:
    """Change `machine`, `firmware` and `secure_boot` as far as they are given."""
    if given.get("machine"):
        _machine(draft, given["machine"], site)
    if given.get("firmware") or given.get("secure_boot") is not None:
        _firmware(draft, given, site)


def _machine(draft: Draft, machine: str, site: Site) -> None:
    now = describe(draft.saved)
    if machine == now.machine:
        return
    guest = site.host.guest(now.arch or "x86_64")
    if not draft.made_up and not known(guest, machine):
        draft.fault("/machine", f"QEMU on this host has no machine type {machine}.")
    before, after = family(now.machine or ""), family(machine)
    if before != after and (before, after) != ("pc", "q35"):
        draft.fault(
            "/machine",
            f"A machine of the family {before} cannot become {after}: what it is made of does not exist there.",
            cure="From i440FX (pc) to Q35 is possible, and to a newer version of the same family.",
        )
    draft.warnings.extend(change_machine(draft.saved, machine))
    draft.late("machine", "/machine")
    if before == after:
        draft.commands.append(shlex.join(["virt-xml", draft.row.name, "--edit", "--boot", f"machine={machine}"]))
    else:
        draft.commands.append(here_document("virsh define /dev/stdin", dump(mask_secrets(draft.saved))))


def _firmware(draft: Draft, given: dict[str, Any], site: Site) -> None:
    now = describe(draft.saved)
    firmware = given.get("firmware") or now.firmware.kind
    secure = given.get("secure_boot")
    if firmware == "bios" and secure:
        draft.fault("/secure_boot", "Secure Boot is a part of UEFI.", cure="Choose the firmware uefi as well.")
        return
    if not site.domain.assumed and firmware not in site.domain.firmwares:
        draft.fault("/firmware", "The host has no UEFI for this machine type.", cure="Install the package ovmf there.")
    if secure and not site.domain.assumed and not site.domain.secure_boot:
        draft.fault("/secure_boot", "The host has no UEFI with Secure Boot for this machine type.")
    if secure and family(now.machine or "") != "q35":
        draft.fault("/secure_boot", "Secure Boot needs the machine type Q35.", cure="Change the machine type first.")
    if firmware == now.firmware.kind and secure in (None, now.firmware.secure_boot):
        return
    draft.warnings.extend(change_firmware(draft.saved, firmware, secure))
    draft.late("firmware" if given.get("firmware") else "secure_boot", "/firmware")
    words = ["loader=,nvram=", f"firmware={'efi' if firmware == 'uefi' else ''}"]
    if secure is not None:
        word = "yes" if secure else "no"
        for number, name in enumerate(("secure-boot", "enrolled-keys")):
            words.append(f"firmware.feature{number}.name={name},firmware.feature{number}.enabled={word}")
    draft.commands.append(shlex.join(["virt-xml", draft.row.name, "--edit", "--boot", ",".join(words)]))
