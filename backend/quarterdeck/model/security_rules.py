"""What must hold of labels, encrypted memory and keys. See `settings_rules`."""

from __future__ import annotations

from collections.abc import Iterator

from .definition import Definition
from .remarks import Fault, Given, Remark, Site

MAKERS = {
    "sev": "AMD's SEV",
    "sev-snp": "AMD's SEV-SNP",
    "tdx": "Intel's TDX",
    "s390-pv": "IBM's Secure Execution",
}
POLICIES = {
    "sev": "0x0003 forbids debugging and sharing keys.",
    "sev-snp": "0x30000 forbids debugging.",
}


def labels(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    """What is wrong with labels."""
    known, seen = site.host.security_models, set()
    for number, label in enumerate(after.security_labels):
        pointer = f"/security_labels/{number}"
        if label.model in seen:
            yield Fault(f"{pointer}/model", "Each security driver gives one label; name another driver.")
        seen.add(label.model)
        if label.model and known and label.model not in known:
            yield Fault(f"{pointer}/model", f"The host runs {', '.join(known)}, not {label.model}.")
        if label.type == "dynamic" and label.relabel is False:
            yield Fault(f"{pointer}/relabel", "With a dynamic label its disks get one too.")
        if label.type == "none" and label.relabel:
            yield Fault(f"{pointer}/relabel", "Without a label its disks cannot get one.")
        if label.type == "static" and not label.label:
            yield Fault(f"{pointer}/label", "A static label must be given.")


def launch(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    """What is wrong with encrypted memory."""
    asked = after.launch_security
    if asked is None:
        return
    if asked.type and not site.domain.assumed and asked.type not in site.domain.lists.get("launch_security.type", ()):
        maker = MAKERS.get(asked.type, asked.type)
        yield Fault("/launch_security/type", f"This host does not offer {maker}: its CPU or its kernel lacks it.")
    if asked.type in POLICIES and not asked.policy:
        yield Fault("/launch_security/policy", f"Say the guest policy; {POLICIES[asked.type]}")
    if asked.type in MAKERS and asked.type != "s390-pv" and after.firmware.kind != "uefi":
        yield Fault("/launch_security/type", f"{MAKERS[asked.type]} needs UEFI.", "Change the firmware first.")


def keys(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    """What is wrong with wrapped keys."""
    if after.key_wrap and after.arch != "s390x":
        yield Fault("/key_wrap", "Only machines of IBM Z (s390x) wrap keys.")
