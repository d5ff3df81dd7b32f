"""What a host can offer its machines."""

from __future__ import annotations

from pydantic import Field

from ...hypervisor.hosts import Hosts
from ...model.capabilities import DomainCapabilities, HostCapabilities, read_capabilities, read_domain_capabilities
from ...model.strict import Value


class OffersQuery(Value):
    """For which sort of machine; the host's best if nothing is named."""

    arch: str = Field("x86_64", description="Architecture of the machine, such as `x86_64`")
    machine: str = Field("q35", description="Machine type, such as `q35`")
    type: str | None = Field(None, description="`kvm` or `qemu`; the best of the host if left out")


class OffersView(Value):
    """The host's capabilities, and those of machines of one sort. `types` really start here, best first."""

    types: list[str]
    host: HostCapabilities
    domain: DomainCapabilities


class Offers:
    """Reads capabilities of all hosts."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def of(self, host: str, query: OffersQuery) -> OffersView:
        """The capabilities of one host."""
        found = self._hosts.get(host).capabilities
        types = found.accelerators()
        kind = query.type or next(iter(types), "qemu")
        xml = None
        if kind != "test":
            xml = found.domain_xml(arch=query.arch, machine=query.machine, virt_type=kind)
        domain = read_domain_capabilities(xml) if xml else DomainCapabilities(assumed=True, type=kind)
        return OffersView(types=types, host=read_capabilities(found.xml()), domain=domain)
