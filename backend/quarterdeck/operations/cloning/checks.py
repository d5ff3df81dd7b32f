"""What is wrong with a wish for a clone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...hypervisor.host import Host
from ...model.capabilities import read_domain_capabilities
from ...model.clone import Cloned, DomainClone
from ...model.definition import describe
from ...model.devices import Disk, devices
from ...model.sizing import size_faults
from ...model.snapshot import Kept
from ...model.units import human_size
from ...model.xml import Element
from ...problems import Problem
from ..creating.seeds import single_settings
from ..faults import Faults


def check_kept(kept: Kept, saved: Element, now: dict[str, str], request: DomainClone, faults: Faults) -> None:
    """Faults where what a snapshot holds cannot be read, or is not all that is asked."""
    if kept.kind == "mixed" or kept.broken:
        raise Problem(
            "unsupported",
            "Its files have changed since." if kept.broken else "It lies partly inside the disks, partly in files.",
            cure="Go back to another one and clone the machine then; keep the present state as a snapshot first.",
        )
    if request.tpm_state == "copy" and not kept.copies.tpm:
        faults.add("/tpm_state", "This snapshot keeps no copy of what is in the TPM.", "unsupported")
    if kept.kind == "internal":
        if request.mode == "linked" or any(wish.act == "link" for wish in request.disks):
            faults.add("/mode", "Nothing can stand on what lies inside a disk: clone it in full.", "unsupported")
        for entry in kept.entries:
            if now.get(entry.target) != kept.paths.get(entry.target):
                faults.add("/disks", f"Disk {entry.target} is another file now than in the snapshot.", "unsupported")
        return
    left = {wish.target for wish in request.disks if wish.act in ("skip", "share")}
    for disk in devices(saved):
        if not isinstance(disk, Disk) or disk.readonly or disk.device != "disk" or not disk.content:
            continue
        if disk.target not in kept.frozen and disk.target not in left:
            faults.add("/disks", f"Disk {disk.target} is not part of the snapshot: skip it, or share it.")


def check_tpm(request: DomainClone, faults: Faults, *, busy: bool) -> None:
    """Fault where the content of a TPM is to be copied that its machine writes (`busy`)."""
    if request.tpm_state == "copy" and busy:
        faults.add("/tpm_state", "The content of a TPM can be copied only while its machine is off.", "wrong-state")


def check_template(request: DomainClone, faults: Faults) -> None:
    """Faults where a template is to do what only a machine does that starts."""
    if request.template and request.start:
        faults.add("/start", "A template is not started: others are cloned from it.", "wrong-state")
    if request.template and request.cloud_init:
        detail = "A template never starts, so nobody reads them: give them to the machines made of it."
        faults.add("/cloud_init", detail, "wrong-state")


def check_size(host: Host, saved: Element, request: DomainClone, faults: Faults) -> None:
    """Faults where the machine cannot be of the size that is asked for."""
    for fault in size_faults(saved, request.memory_mib, request.vcpus):
        faults.add(fault.pointer, fault.detail, "unsupported")
    now, facts = describe(saved), host.capabilities.facts
    if request.memory_mib and facts.memory_mib and request.memory_mib > facts.memory_mib:
        faults.add("/memory_mib", f"The host has only {human_size(facts.memory_mib << 20)} of memory.")
    if not request.vcpus or host.is_test:
        return
    xml = host.capabilities.domain_xml(arch=now.arch, machine=now.machine, virt_type=now.type)
    most = read_domain_capabilities(xml).max_vcpus if xml else None
    if most and request.vcpus > most:
        faults.add("/vcpus", f"A machine of this type has at most {most} vCPUs.")


def check_variables(made: Cloned, users: Mapping[str, Sequence[str]], faults: Faults) -> None:
    """Fault where its UEFI variables would lie in the file of another machine, as of one that was renamed."""
    own = made.nvram[1] if made.nvram else ""
    if others := users.get(own):
        detail = f"{others[0]} keeps its UEFI variables in {own}, where those of the clone would lie."
        faults.add("/name", f"{detail} Choose another name.", "in-use")


def check_several(request: DomainClone) -> None:
    """Problem where several are to have what only one can."""
    faults = Faults()
    if request.macs:
        faults.add("/macs", "Several clones get addresses of their own.")
    if any(disk.volume for disk in request.disks):
        faults.add("/disks", "The disks of several clones cannot all have that name.")
    for fault in single_settings(request.cloud_init, "/cloud_init"):
        faults.add(fault.pointer, fault.detail)
    faults.check()
