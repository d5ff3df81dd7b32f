"""Gathers what a new machine depends on, and finds every fault of a request, each at its field."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from ...hypervisor.hosts import Host, Hosts
from ...model.capabilities import DomainCapabilities, read_capabilities, read_domain_capabilities
from ...model.create import (
    CreateFacts,
    DiskCreate,
    DomainCreate,
    GuestFacts,
    InstallCloudImage,
    InstallIso,
    InstallTree,
    NicCreate,
    SourceFacts,
)
from ...model.defaults import machine_for
from ...model.units import human_size
from ...osinfo.system import System
from ..changing.macs import Macs
from ..faults import Faults
from ..storage.lending import Lending
from ..storage.storage import Storage
from .cloud_images import CloudImages, Image, with_boot_disk
from .medium_boot import BootPlan
from .seeds import Seed
from .storage import NewVolume, Sources
from .systems import DetectQuery, Systems
from .tree_plan import TreePlan, Trees
from .unattended import UnattendedInstalls

LOG_FOLDER = "/var/log/libvirt/qemu"
Kind = Literal["kvm", "qemu", "test"]


@dataclass(frozen=True)
class Gathered:
    """A request with its gaps filled, the facts, and the volumes to make."""

    request: DomainCreate
    facts: CreateFacts
    volumes: list[NewVolume]
    warnings: list[str]
    seed: Seed | None = None
    tree: TreePlan | None = None
    boot: BootPlan | None = None
    answers: dict[str, str] = field(default_factory=dict)


class Gatherer:
    """Reads all facts for a new machine; touches nothing. `accelerator` is the setting of that name."""

    def __init__(self, hosts: Hosts, storage: Storage, systems: Systems, lending: Lending, accelerator: str) -> None:
        self._hosts = hosts
        self._storage = storage
        self._systems = systems
        self._accelerator = accelerator
        self.macs = Macs()
        self._sources = Sources(hosts, storage)
        self._cloud = CloudImages(hosts, storage)
        self._trees = Trees(hosts, storage)
        self._unattended = UnattendedInstalls(hosts, storage, systems, lending)

    def gather(self, host: str, request: DomainCreate) -> Gathered:
        """The facts; Problem with every fault of the request."""
        found, faults = self._hosts.get(host), Faults()
        if found.domains.find(request.name):
            faults.add("/name", f"The host has a machine {request.name} already.", "name-taken")
        request = request.model_copy(update={"nics": self._nics(found, request.nics, faults)})
        users = self._storage.usage.paths(host)
        medium = self._sources.medium(host, request.install, faults)
        guest = self._guest(host, request, faults)
        kind = self._kind(found, request, faults)
        request, image = self._image(host, request, guest, faults)
        capabilities = self._capabilities(found, request, guest, kind, faults)
        disks, volumes = self._sources.disks(host, request, users, faults)
        volumes = [replace(volume, image=image if volume.disk == 0 else None) for volume in volumes]
        _check_amounts(request, guest, capabilities, found, faults)
        _check_method(request, faults)
        uuid, macs = str(uuids.uuid4()), tuple(self._macs(host, request.name, request.nics or [], faults))
        tree = self._trees.plan(host, request, faults)
        seed = self._cloud.seed(host, request, uuid, macs, faults) if image else None
        facts = CreateFacts(
            uuid=uuid,
            type=kind,
            capabilities=capabilities,
            guest=guest,
            disks=tuple(disks),
            macs=macs,
            medium=medium,
            seed=SourceFacts(seed.path) if seed else None,
            tree=tree.facts if tree else None,
            local=found.spec.transport == "local" and not found.is_test,
            serial_log=f"{LOG_FOLDER}/{request.name}-serial0.log" if _keeps_log(found) else None,
        )
        answers = self._unattended.plan(host, request, facts, faults)
        faults.check()
        tree = replace(tree, inject=answers.inject) if tree else None
        seed = answers.seed or seed
        return Gathered(request, answers.facts, volumes, faults.warnings, seed, tree, answers.boot, answers.files)

    def _image(
        self, host: str, request: DomainCreate, guest: GuestFacts, faults: Faults
    ) -> tuple[DomainCreate, Image | None]:
        """The image that the first disk is made from, and the request with that disk."""
        install = request.install
        if not isinstance(install, InstallCloudImage):
            return request, None
        image = self._cloud.image(host, install, request.disks[0] if request.disks else DiskCreate(), faults)
        if image is None:
            faults.check()
            return request, None
        return with_boot_disk(request, image, guest.disk_gib, faults), image

    # -- the system

    def _guest(self, host: str, request: DomainCreate, faults: Faults) -> GuestFacts:
        database, install = self._systems.database, request.install
        if request.os:
            system = database.get(request.os) or database.nearest(request.os)
            if system.short_id == "generic" and request.os not in ("generic", system.id):
                faults.add("/os", f"The OS database knows no system “{request.os}”.")
        elif isinstance(install, InstallIso) and not any(e.pointer.startswith("/install") for e in faults.errors):
            query = DetectQuery(pool=install.pool, volume=install.volume, path=install.path)
            found = self._systems.detect(host, query).system
            system = database.nearest(found.short_id if found else "generic")
        elif isinstance(install, InstallTree):
            system = database.guess_tree(install.url) or database.nearest("generic")
        else:
            system = database.nearest("generic")
        return guest_facts(system)

    # -- the host

    def _kind(self, found: Host, request: DomainCreate, faults: Faults) -> Kind:
        offered = found.capabilities.accelerators()
        if "test" in offered:
            return "test"
        wanted = request.type or (self._accelerator if self._accelerator != "auto" else None)
        if wanted and wanted not in offered:
            faults.add("/type", f"The host cannot run machines of type {wanted}.", "unsupported")
        kind = wanted or next(iter(offered), "qemu")
        return "kvm" if kind == "kvm" else "qemu"

    def _capabilities(
        self, found: Host, request: DomainCreate, guest: GuestFacts, kind: Kind, faults: Faults
    ) -> DomainCapabilities:
        machine, _why = machine_for(request, guest)
        offered = read_capabilities(found.capabilities.xml()).guest(request.arch)
        if kind == "test" or offered is None:
            return DomainCapabilities(assumed=True, type=kind)
        if not any(machine in (each.name, each.canonical) for each in offered.machines):
            faults.add("/machine", f"This host has no machine type {machine}.", "unsupported")
            machine = "pc"
        xml = found.capabilities.domain_xml(arch=request.arch, machine=machine, virt_type=kind)
        known = read_domain_capabilities(xml) if xml else DomainCapabilities(assumed=True)
        if request.firmware == "uefi" and "uefi" not in known.firmwares:
            faults.add("/firmware", "The host has no UEFI firmware: install OVMF there.", "unsupported")
        if request.graphics not in ("none", *known.graphics):
            faults.add("/graphics", f"This host's QEMU has no {request.graphics}.", "unsupported")
        if request.tpm and "emulator" not in known.tpm_backends:
            faults.add("/tpm", "The host cannot emulate a TPM: install swtpm there.", "unsupported")
        _check_cpu(request, known, faults)
        for number, disk in enumerate(request.disks):
            if disk.bus and disk.bus not in known.disk_buses:
                faults.add(f"/disks/{number}/bus", f"A machine of type {machine} has no {disk.bus} bus.")
        return known

    # -- network cards

    def _nics(self, found: Host, asked: list[NicCreate] | None, faults: Faults) -> list[NicCreate]:
        networks = {row.name: row for row in found.networks.rows()}
        if asked is None:
            return [NicCreate(network="default")] if "default" in networks else []
        nics = [nic if nic.bridge or nic.network else nic.model_copy(update={"network": "default"}) for nic in asked]
        for number, nic in enumerate(nics):
            network = networks.get(nic.network or "")
            if nic.bridge:
                if found.nodedevs.lacks_interface(nic.bridge):
                    faults.add(f"/nics/{number}/bridge", f"The host has no bridge {nic.bridge}: make it there first.")
            elif network is None:
                faults.add(f"/nics/{number}/network", f"The host has no network {nic.network}.")
            elif not network.active:
                faults.add(f"/nics/{number}/network", f"The network {nic.network} does not run: start it first.")
        return nics

    def _macs(self, host: str, name: str, nics: list[NicCreate], faults: Faults) -> Iterable[str]:
        taken = dict(self._storage.usage.macs(host)) if nics else {}
        for number, nic in enumerate(nics):
            if nic.mac and nic.mac in taken:
                faults.add(f"/nics/{number}/mac", f"{nic.mac} is the address of a card of {taken[nic.mac]}.")
            mac = nic.mac or self.macs.propose(host, name, number, taken)
            taken[mac] = "this machine"
            yield mac


def guest_facts(system: System) -> GuestFacts:
    """What the builder needs to know of a system."""
    return GuestFacts(
        id=system.id if system.short_id != "generic" else "",
        name=system.name,
        tool_id=system.tool_id,
        windows=system.is_windows,
        supports=system.supports,
        firmware=system.firmware,
        memory_mib=system.recommended.memory_mib,
        memory_min_mib=system.minimum.memory_mib,
        vcpus=system.recommended.vcpus,
        disk_gib=system.recommended.disk_gib,
        tree_memory_mib=system.network_install_memory_mib,
    )


def _keeps_log(found: Host) -> bool:
    return "/system" in found.uri and not found.is_test


def _check_method(request: DomainCreate, faults: Faults) -> None:
    for number, disk in enumerate(request.disks):
        if disk.bus == "usb" and "usb" in request.without:
            faults.add(f"/disks/{number}/bus", "The machine is to have no USB.")
    if request.secure_boot and request.firmware == "bios":
        faults.add("/secure_boot", "Secure Boot is a part of UEFI: choose that as firmware.")
    elif request.secure_boot and "q35" not in (request.machine or "q35"):
        faults.add("/secure_boot", "Secure Boot needs the machine type Q35.")
    if request.install.method == "import" and not any(disk.device == "disk" for disk in request.disks):
        faults.add("/disks", "Choose the disk that the machine is to boot.")
    if request.install.method == "pxe" and not request.nics:
        faults.add("/nics", "Booting from the network needs a network card.")


def _check_cpu(request: DomainCreate, known: DomainCapabilities, faults: Faults) -> None:
    cpu = request.cpu
    if cpu.mode and cpu.mode not in known.cpu_modes:
        faults.add("/cpu/mode", f"Machines of type {known.type} have no CPU mode {cpu.mode} here.", "unsupported")
    if cpu.mode == "custom" and not cpu.model:
        faults.add("/cpu/model", "Choose a CPU model.")
    model = next((model for model in known.cpu_models if model.name == cpu.model), None)
    if cpu.model and (model is None or model.usable is False):
        faults.add("/cpu/model", f"This host cannot give a machine the CPU {cpu.model}.", "cpu-incompatible")


def _check_amounts(
    request: DomainCreate, guest: GuestFacts, known: DomainCapabilities, found: Host, faults: Faults
) -> None:
    facts, memory = found.capabilities.facts, request.memory_mib or guest.memory_mib or 0
    needs = guest.tree_memory_mib or 0 if request.install.method == "tree" else 0
    if facts.memory_mib and memory > facts.memory_mib:
        faults.add("/memory_mib", f"The host has only {human_size(facts.memory_mib << 20)} of memory.")
    elif facts.memory_free_mib is not None and memory > facts.memory_free_mib:
        left = human_size(facts.memory_free_mib << 20)
        faults.warnings.append(f"The host has only {left} of free memory: it may swap, or refuse the start.")
    elif facts.memory_free_mib is not None and needs > facts.memory_free_mib:
        left, takes = human_size(facts.memory_free_mib << 20), human_size(needs << 20)
        faults.warnings.append(f"The host has only {left} of free memory, and its installer takes {takes} for a while.")
    if request.memory_max_mib and request.memory_max_mib < memory:
        faults.add("/memory_max_mib", "The most memory is less than the memory.")
    vcpus, topology = request.vcpus or guest.vcpus or 1, request.cpu.topology
    most = request.vcpus_max or (topology.vcpus if topology else vcpus)
    if most < vcpus:
        faults.add("/vcpus_max" if request.vcpus_max else "/cpu/topology", f"There are {vcpus} vCPUs to hold.")
    elif topology and request.vcpus_max and topology.vcpus != most:
        faults.add("/cpu/topology", f"It has room for {topology.vcpus} vCPUs, but the most is to be {most}.")
    if known.max_vcpus and most > known.max_vcpus:
        faults.add("/vcpus", f"A machine of this type has at most {known.max_vcpus} vCPUs.")
    elif facts.cpus and vcpus > facts.cpus:
        faults.warnings.append(f"The machine gets {vcpus} vCPUs, more than the host's {facts.cpus}: it will be slow.")
