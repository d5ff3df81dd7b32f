"""What a host is and what it can run."""

from __future__ import annotations

import contextlib
import logging
import threading
import time

import libvirt
from lxml import etree

from ..model.capabilities import read_capabilities
from ..model.host import HostFacts
from ..problems import Problem
from .parts import Connections

log = logging.getLogger(__name__)
PROBE_PREFIX = "quarterdeck-probe-"
FREE_MEMORY_SECONDS = 10.0
UNKNOWN = (libvirt.VIR_ERR_XML_ERROR, libvirt.VIR_ERR_CONFIG_UNSUPPORTED)


class Capabilities:
    """Facts of one host; what does not change is asked once per connection."""

    def __init__(self, host: Connections) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._xml: str | None = None
        self._domain_xml: dict[tuple[str | None, ...], str | None] = {}
        self._known: dict[str, bool] = {}
        self._facts = HostFacts()
        self._free_read = 0.0
        self._kvm: bool | None = None

    def xml(self) -> str:
        """The host's capabilities as XML."""
        if self._xml is None:
            with self._host.connection() as conn:
                self._xml = str(conn.getCapabilities())
        return self._xml

    def host_uuid(self) -> str | None:
        """What tells this host from others to libvirt."""
        return read_capabilities(self.xml()).uuid

    def domain_xml(
        self,
        *,
        emulator: str | None = None,
        arch: str | None,
        machine: str | None,
        virt_type: str | None,
    ) -> str | None:
        """What machines of this sort can have, as XML; None where the driver cannot tell."""
        key = (emulator, arch, machine, virt_type)
        if key not in self._domain_xml:
            with self._host.connection() as conn:
                try:
                    self._domain_xml[key] = str(conn.getDomainCapabilities(*key))
                except libvirt.libvirtError as error:
                    if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
                        raise
                    self._domain_xml[key] = None
        return self._domain_xml[key]

    def knows(self, word: str, probe: str) -> bool:
        """Whether libvirt reads this word in a definition that it need not be able to run; true where it cannot tell.

        Nothing is made: the probe is only turned into arguments of QEMU, and refused before any are (libvirt 9.0).
        """
        if probe not in self._known:
            with self._host.connection() as conn:
                try:
                    conn.domainXMLToNative("qemu-argv", probe, 0)
                    self._known[probe] = True
                except libvirt.libvirtError as error:
                    self._known[probe] = error.get_error_code() not in UNKNOWN or f"'{word}'" not in str(error)
        return self._known[probe]

    def pool_xml(self) -> str | None:
        """Which types of storage pools the host supports, as XML; None where the driver cannot tell."""
        with self._host.connection() as conn, contextlib.suppress(libvirt.libvirtError):
            return str(conn.getStoragePoolCapabilities())
        return None

    def refresh(self) -> None:
        """Forget what was known and read it anew; after each connecting."""
        self._xml = None
        self._domain_xml.clear()
        self._known.clear()
        with self._host.connection() as conn:
            model, memory_mib, cpus = conn.getInfo()[:3]
            facts = HostFacts(
                hostname=conn.getHostname(),
                libvirt_version=_dotted(conn.getLibVersion()),
                hypervisor_version=_dotted(_version(conn)),
                cpus=cpus,
                memory_mib=_memory_mib(conn) or memory_mib,
                memory_free_mib=_free_mib(conn),
                arch=model,
            )
        found = read_capabilities(self.xml())
        types = {kind for guest in found.guests if guest.arch in (facts.arch, "i686") for kind in guest.types}
        cpu = " ".join(part for part in (found.cpu_vendor, found.cpu_model) if part)
        offered = [kind for kind in ("kvm", "qemu", "test") if kind in types]
        self._facts = facts.model_copy(update={"cpu_model": cpu, "accelerators": offered})
        self._free_read = time.monotonic()
        if "kvm" in offered and self._kvm is not True:
            self._set_kvm(None)
            threading.Thread(target=self.accelerators, name="kvm-probe", daemon=True).start()

    @property
    def cpus(self) -> int:
        """How many CPUs the host has; 0 as long as it was never read."""
        return self._facts.cpus

    @property
    def last(self) -> HostFacts:
        """The host's facts as last read: what does not change, without a call."""
        return self._facts

    @property
    def facts(self) -> HostFacts:
        """The host's facts as last read; free memory at most ten seconds old while the host answers."""
        if time.monotonic() - self._free_read > FREE_MEMORY_SECONDS:
            self._free_read = time.monotonic()
            with contextlib.suppress(Problem), self._host.connection() as conn:
                self._facts = self._facts.model_copy(update={"memory_free_mib": _free_mib(conn)})
        return self._facts

    def accelerators(self) -> list[str]:
        """The domain types that really start here, best first.

        `kvm` is tried once with a paused machine of 16 MiB, because a host may list it while no guest can run.
        """
        with self._lock:
            if "kvm" in self._facts.accelerators and self._kvm is None:
                self._set_kvm(self._kvm_works())
        return self._facts.accelerators

    def _set_kvm(self, works: bool | None) -> None:
        self._kvm = works
        kinds = [kind for kind in self._facts.accelerators if kind != "kvm" or works is not False]
        self._facts = self._facts.model_copy(update={"accelerators": kinds})

    def _kvm_works(self) -> bool | None:
        flags = libvirt.VIR_DOMAIN_START_PAUSED | libvirt.VIR_DOMAIN_START_AUTODESTROY
        try:
            with self._host.fresh() as conn:
                conn.createXML(_probe(), flags).destroy()
        except Problem as problem:
            if problem.slug in ("host-lost", "timed-out", "name-taken"):  # the last: another service tries just now
                return None
            log.info("KVM is listed but does not work: %s", problem.raw)
            return False
        return True


def _probe() -> str:
    root = etree.Element("domain", type="kvm")
    etree.SubElement(root, "name").text = PROBE_PREFIX + "kvm"
    etree.SubElement(root, "memory", unit="MiB").text = "16"
    etree.SubElement(etree.SubElement(root, "os"), "type").text = "hvm"
    etree.SubElement(root, "cpu", mode="host-passthrough")
    return etree.tostring(root, encoding="unicode")


def _version(conn: libvirt.virConnect) -> int:
    try:
        return int(conn.getVersion())
    except libvirt.libvirtError:
        return 0


def _memory_mib(conn: libvirt.virConnect) -> int:
    """All memory of the host; libvirt's node info leaves out what was added while it ran."""
    try:
        stats: dict[str, int] = conn.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS)
    except libvirt.libvirtError:
        return 0
    return stats.get("total", 0) // 1024


def _free_mib(conn: libvirt.virConnect) -> int | None:
    try:
        if conn.getType() == "TEST":  # its own answer is a constant
            running = conn.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)
            return max(int(conn.getInfo()[1]) - sum(int(domain.info()[2]) for domain in running) // 1024, 0)
        stats: dict[str, int] = conn.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS)
        return sum(stats.get(part, 0) for part in ("free", "buffers", "cached")) // 1024
    except libvirt.libvirtError:
        return None


def _dotted(version: int) -> str:
    return f"{version // 1000000}.{version // 1000 % 1000}.{version % 1000}"
