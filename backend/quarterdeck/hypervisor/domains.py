"""The domains of one host. Each method is one act of libvirt, by UUID."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import libvirt

from ..model.domain import DomainRow
from ..model.xml import parse
from ..problems import Problem
from .agents import ANSWER_SECONDS
from .parts import Connections
from .questions import Questions
from .rows import all_rows, one_row

LIVE = libvirt.VIR_DOMAIN_AFFECT_LIVE
CONFIG = libvirt.VIR_DOMAIN_AFFECT_CONFIG
MOST_KEYS = 16  # libvirt's own limit of keys in one call


def refuse_if_busy(domain: libvirt.virDomain, questions: Questions) -> None:
    """Problem `busy` when somebody's job works on the domain: the call would wait 30 s for it, then fail."""
    uuid = domain.UUIDString()
    asked = questions.open(uuid)
    with contextlib.suppress(libvirt.libvirtError):  # not running, or a driver without jobs
        kind = domain.jobInfo()[0]
        if kind in (libvirt.VIR_DOMAIN_JOB_NONE, libvirt.VIR_DOMAIN_JOB_COMPLETED):
            return
        if not asked and not questions.open(uuid):
            raise Problem("busy", f"Another job works on {domain.name()} just now.")


def affect(live: bool, saved: bool) -> int:
    """Libvirt's flags for what a change is to touch."""
    return (LIVE if live else 0) | (CONFIG if saved else 0)


class Domains:
    """All domains of a host. Every method may raise a Problem: `not-found`, `busy`, `wrong-state`, `host-lost` ..."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    @contextlib.contextmanager
    def _domain(self, uuid: str, *, changes: bool = False, long: bool = False) -> Iterator[libvirt.virDomain]:
        if changes:
            self._host.questions.settle(uuid)
        with self._host.fresh() if long else self._host.connection() as conn:
            domain = conn.lookupByUUIDString(uuid)
            if changes:
                refuse_if_busy(domain, self._host.questions)
            yield domain

    def _act(self, uuid: str, act: Callable[[libvirt.virDomain], Any], *, long: bool = False) -> None:
        with self._domain(uuid, changes=True, long=long) as domain:
            act(domain)

    # --- reading

    def rows(self) -> list[DomainRow]:
        """All domains in one bulk pass."""
        with self._host.connection() as conn:
            return all_rows(conn)

    def row(self, uuid: str) -> DomainRow | None:
        """One domain; None when there is no such domain (any more)."""
        try:
            with self._domain(uuid) as domain:
                return one_row(domain)
        except Problem as problem:
            if problem.slug == "not-found":
                return None
            raise

    def find(self, name: str) -> str | None:
        """The UUID of the domain of this name, if there is one."""
        with self._host.connection() as conn:
            return next((d.UUIDString() for d in conn.listAllDomains() if d.name() == name), None)

    def xml(self, uuid: str, live: bool = False, secure: bool = False, migratable: bool = False) -> str:
        """The definition: as saved, or as it runs with `live`. With `secure` it must not leave the server."""
        flags = 0 if live else libvirt.VIR_DOMAIN_XML_INACTIVE
        flags |= libvirt.VIR_DOMAIN_XML_SECURE if secure else 0
        flags |= libvirt.VIR_DOMAIN_XML_MIGRATABLE if migratable else 0
        with self._domain(uuid) as domain:
            return str(domain.XMLDesc(flags))

    def is_busy(self, uuid: str) -> bool:
        """Whether a job of libvirt (migration, save, snapshot, backup) works on it; our own question does not count."""
        with self._domain(uuid) as domain:
            try:
                refuse_if_busy(domain, self._host.questions)
            except Problem:
                return True
            return False

    def addresses(self, uuid: str) -> list[str]:
        """IP addresses from DHCP leases, else from the host's ARP table."""
        sources = (
            libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE,
            libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
        )
        with self._domain(uuid) as domain:
            for source in sources:
                with contextlib.suppress(libvirt.libvirtError):
                    found = _usable(domain.interfaceAddresses(source))
                    if found:
                        return found
        return []

    def agent_addresses(self, uuid: str) -> list[str]:
        """IP addresses as the guest's agent tells them, none where there is no agent; Problem where it is silent."""
        with self._domain(uuid, long=True) as domain:
            targets = parse(domain.XMLDesc(0)).iterfind("devices/channel/target[@name='org.qemu.guest_agent.0']")
            if not any(target.get("state") == "connected" for target in targets):
                return []
            with self._host.agents.waited_for(domain, ANSWER_SECONDS):
                return _usable(domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT))

    def thaw(self, uuid: str) -> None:
        """Let the guest write to its disks again; Problem `agent-unavailable` where its agent does not answer."""
        with self._domain(uuid, long=True) as domain, self._host.agents.waited_for(domain, ANSWER_SECONDS):
            domain.fsThaw()

    def disk_errors(self, uuid: str) -> dict[str, int]:
        """Disks with an error: 1 unspecified, 2 no space."""
        with self._domain(uuid) as domain:
            return dict(domain.diskErrors())

    def messages(self, uuid: str) -> list[str]:
        """What libvirt finds doubtful: deprecated or tainting settings."""
        with self._domain(uuid) as domain, contextlib.suppress(libvirt.libvirtError):
            return [str(message) for message in domain.messages()]
        return []

    def snapshot_count(self, uuid: str) -> int:
        """How many snapshots it has."""
        with self._domain(uuid) as domain, contextlib.suppress(libvirt.libvirtError):
            return int(domain.snapshotNum())
        return 0

    # --- definition

    def define(self, xml: str) -> str:
        """Save a definition, new or changed; its UUID. Always validated: else libvirt drops unknown parts silently."""
        with self._host.connection() as conn:
            return str(conn.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE).UUIDString())

    def create_transient(self, xml: str) -> str:
        """Start a machine of which nothing is saved; its UUID."""
        with self._host.fresh() as conn:
            return str(conn.createXML(xml, libvirt.VIR_DOMAIN_START_VALIDATE).UUIDString())

    def undefine(self, uuid: str, *, nvram: bool = True, tpm: bool = True) -> None:
        """Remove the definition and what libvirt keeps beside it, its saved state too. Disks stay."""
        flags = libvirt.VIR_DOMAIN_UNDEFINE_NVRAM if nvram else libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
        flags |= libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
        flags |= libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
        flags |= libvirt.VIR_DOMAIN_UNDEFINE_TPM if tpm else libvirt.VIR_DOMAIN_UNDEFINE_KEEP_TPM
        with self._domain(uuid, changes=True) as domain:
            try:
                domain.undefineFlags(flags)
            except libvirt.libvirtError as error:
                if error.get_error_code() not in (libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_NO_SUPPORT):
                    raise
                domain.undefineFlags(flags & _OLD_UNDEFINE)  # drivers that know fewer flags

    def rename(self, uuid: str, name: str) -> None:
        """Give it another name; it must be off."""
        self._act(uuid, lambda domain: domain.rename(name, 0))

    def set_autostart(self, uuid: str, on: bool) -> None:
        """Whether it starts with the host. libvirt tells no event."""
        self._act(uuid, lambda domain: domain.setAutostart(int(on)))

    def set_title(self, uuid: str, text: str | None) -> None:
        """The title, saved and running; None removes it."""
        self._metadata(uuid, libvirt.VIR_DOMAIN_METADATA_TITLE, text, None, None)

    def set_description(self, uuid: str, text: str | None) -> None:
        """The description, saved and running; None removes it."""
        self._metadata(uuid, libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, text, None, None)

    def set_metadata(self, uuid: str, namespace: str, prefix: str, xml: str | None) -> None:
        """The element of one namespace in <metadata>, saved and running; None removes it."""
        self._metadata(uuid, libvirt.VIR_DOMAIN_METADATA_ELEMENT, xml, prefix, namespace)

    def set_live_metadata(self, uuid: str, namespace: str, prefix: str, xml: str | None) -> None:
        """The same in the running machine only."""
        kind = libvirt.VIR_DOMAIN_METADATA_ELEMENT
        self._act(uuid, lambda domain: domain.setMetadata(kind, xml, prefix, namespace, LIVE))

    def _metadata(self, uuid: str, kind: int, text: str | None, prefix: str | None, namespace: str | None) -> None:
        def act(domain: libvirt.virDomain) -> None:
            flags = affect(bool(domain.isActive()), bool(domain.isPersistent()))
            domain.setMetadata(kind, text, prefix, namespace, flags)

        self._act(uuid, act)

    # --- power

    def start(self, uuid: str, *, paused: bool = False, boot_anew: bool = False, fresh_nvram: bool = False) -> None:
        """Start, or restore a saved state; `boot_anew` discards it, `fresh_nvram` UEFI's settings (libvirt 8.1)."""
        flags = libvirt.VIR_DOMAIN_START_PAUSED if paused else 0
        flags |= libvirt.VIR_DOMAIN_START_FORCE_BOOT if boot_anew else 0
        flags |= libvirt.VIR_DOMAIN_START_RESET_NVRAM if fresh_nvram else 0
        self._act(uuid, lambda domain: domain.createWithFlags(flags), long=True)

    def restore(self, uuid: str) -> None:
        """Go on from the saved state."""
        with self._domain(uuid, changes=True, long=True) as domain:
            if not domain.hasManagedSaveImage():
                raise Problem("wrong-state", f"{domain.name()} has no saved state.")
            domain.createWithFlags(0)

    def shutdown(self, uuid: str) -> None:
        """Ask the guest to shut down; it may take its time, or ignore it."""
        self._act(uuid, lambda domain: domain.shutdownFlags(0))

    def reboot(self, uuid: str) -> None:
        """Ask the guest to reboot."""
        self._act(uuid, lambda domain: domain.reboot(0))

    def reset(self, uuid: str) -> None:
        """Press the reset button."""
        self._act(uuid, lambda domain: domain.reset(0))

    def destroy(self, uuid: str) -> None:
        """Pull the plug. Works during a job too, as libvirt allows it then."""
        with self._domain(uuid) as domain:
            domain.destroyFlags(0)

    def suspend(self, uuid: str) -> None:
        """Pause."""
        self._act(uuid, lambda domain: domain.suspend())

    def resume(self, uuid: str) -> None:
        """Go on after a pause."""
        self._act(uuid, lambda domain: domain.resume())

    def wake(self, uuid: str) -> None:
        """Wake it from its own sleep."""
        self._act(uuid, lambda domain: domain.pMWakeup(0))

    def save(self, uuid: str) -> None:
        """Write the memory to the host's disk and end; takes as long as the memory is large."""
        self._act(uuid, lambda domain: domain.managedSave(0), long=True)

    def abort_job(self, uuid: str) -> None:
        """End libvirt's job on it (save, migration); the machine runs on."""
        with self._domain(uuid) as domain:
            domain.abortJob()

    def discard_save(self, uuid: str) -> None:
        """Drop the saved state."""
        self._act(uuid, lambda domain: domain.managedSaveRemove(0))

    def inject_nmi(self, uuid: str) -> None:
        """Send a non-maskable interrupt."""
        self._act(uuid, lambda domain: domain.injectNMI(0))

    def send_key(self, uuid: str, codes: Sequence[int], hold_ms: int = 50) -> None:
        """Press Linux key codes together, at most 16."""
        if not 0 < len(codes) <= MOST_KEYS:
            raise Problem("invalid-input", "Send between 1 and 16 keys at once.")
        with self._domain(uuid) as domain:
            domain.sendKey(libvirt.VIR_KEYCODE_SET_LINUX, hold_ms, list(codes), len(codes), 0)

    def screenshot(self, uuid: str, screen: int = 0) -> tuple[str, bytes]:
        """MIME type and bytes of a picture of the screen (PNG, or PPM from an old QEMU)."""
        with self._host.connection() as conn:
            stream = conn.newStream(0)
            try:
                mime = str(conn.lookupByUUIDString(uuid).screenshot(stream, screen, 0))
                parts: list[bytes] = []
                stream.recvAll(lambda _stream, data, _opaque: parts.append(data), None)
                stream.finish()
            except BaseException:
                with contextlib.suppress(libvirt.libvirtError):
                    stream.abort()
                raise
            return mime, b"".join(parts)

    # --- hardware

    def attach_device(self, uuid: str, xml: str, *, live: bool, saved: bool) -> None:
        """Add a device by its XML."""
        self._act(uuid, lambda domain: domain.attachDeviceFlags(xml, affect(live, saved)))

    def detach_device(self, uuid: str, xml: str, *, live: bool, saved: bool) -> None:
        """Ask for a device to be removed. Live, the guest must let go: the event `device_removed` tells."""
        self._act(uuid, lambda domain: domain.detachDeviceFlags(xml, affect(live, saved)), long=live)

    def update_device(self, uuid: str, xml: str, *, live: bool, saved: bool, force: bool = False) -> None:
        """Change a device; `force` opens a CD's locked tray."""
        flags = affect(live, saved) | (libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE if force else 0)
        self._act(uuid, lambda domain: domain.updateDeviceFlags(xml, flags), long=live)

    def set_vcpus(self, uuid: str, count: int, *, live: bool, saved: bool) -> None:
        """The number of vCPUs."""
        flags = affect(live, saved)
        self._act(uuid, lambda domain: domain.setVcpusFlags(count, flags), long=live)

    def set_memory(self, uuid: str, kib: int, *, live: bool, saved: bool) -> None:
        """The memory in KiB."""

        def act(domain: libvirt.virDomain) -> None:
            for flag in [LIVE] * live + [CONFIG] * saved:  # some drivers refuse both in one call
                domain.setMemoryFlags(kib, flag)

        self._act(uuid, act)

    def set_block_limits(self, uuid: str, target: str, limits: Mapping[str, int | str]) -> None:
        """Limits of a disk of the running machine; 0 is none. The saved ones are part of the definition."""
        self._act(uuid, lambda domain: domain.setBlockIoTune(target, dict(limits), LIVE))

    def set_memory_stats_period(self, uuid: str, seconds: int) -> None:
        """How often the running machine's balloon tells its figures; 0 is never."""
        self._act(uuid, lambda domain: domain.setMemoryStatsPeriod(seconds, LIVE))

    def block_size(self, uuid: str, target: str) -> int:
        """The size in bytes that the guest sees of a disk."""
        return self.block_space(uuid, target)[0]

    def block_space(self, uuid: str, target: str) -> tuple[int, int, int]:
        """Bytes of a disk: those that the guest sees, those that are taken, and the length of its file or device."""
        with self._domain(uuid) as domain:
            capacity, allocation, physical = domain.blockInfo(target)
        return int(capacity), int(allocation), int(physical)

    def block_resize(self, uuid: str, target: str, size_bytes: int) -> None:
        """Give a disk of the running machine another size. libvirt tells no event."""
        flags = libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES
        self._act(uuid, lambda domain: domain.blockResize(target, size_bytes, flags))


_OLD_UNDEFINE = libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA


def _usable(interfaces: dict[str, Any]) -> list[str]:
    found = [
        str(address["addr"])
        for name, facts in interfaces.items()
        if name != "lo"
        for address in facts.get("addrs") or ()
    ]
    return [address for address in found if not address.startswith(("fe80:", "127.")) and address != "::1"]
