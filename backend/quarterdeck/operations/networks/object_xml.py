"""XML of pools and networks: replaced, with libvirt's schema asked before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ...hypervisor.hosts import Hosts
from ...hypervisor.schema import Schema
from ...model.network import Network
from ...model.secrecy import mask_secrets
from ...model.storage import Pool, identity
from ...model.xml import Element, canonical, diff, digest, dump, fault_at, parse
from ...plan import Change, Effect, Plan, When
from ..changing.changing import changed_meanwhile, here_document
from ..changing.definitions import DefinitionPut, checked
from ..storage.storage import Storage
from .networks import HostNetworks

T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """How objects of one kind are read and saved: `bare` leaves out what changes by itself."""

    tag: str
    read: Callable[[str, str], str]
    save: Callable[[str, str], object]
    active: Callable[[str, str], bool]
    bare: Callable[[Element], Element]
    command: str


class ObjectXml:
    """The XML of pools and networks."""

    def __init__(self, hosts: Hosts, storage: Storage, networks: HostNetworks, schemas: Mapping[str, Schema]) -> None:
        self._storage = storage
        self._networks = networks
        self._schemas = schemas
        self._pool = Kind(
            "pool",
            lambda host, name: hosts.get(host).pools.xml(name, saved=True),
            lambda host, xml: hosts.get(host).pools.define(xml),
            lambda host, name: hosts.get(host).pools.row(name).state != "inactive",
            identity,
            "virsh pool-define --validate /dev/stdin",
        )
        self._network = Kind(
            "network",
            lambda host, name: hosts.get(host).networks.xml(name, saved=True),
            lambda host, xml: hosts.get(host).networks.define(xml),
            lambda host, name: hosts.get(host).networks.row(name).active,
            lambda root: root,
            "virsh net-define --validate /dev/stdin",
        )

    def put_pool(self, host: str, pool: str, body: DefinitionPut, if_match: str | None) -> Change[Pool]:
        """Save another definition of a pool; a running one takes it when it is started anew."""
        return self._put(self._pool, host, pool, body, if_match, lambda: self._storage.pool(host, pool))

    def put_network(self, host: str, network: str, body: DefinitionPut, if_match: str | None) -> Change[Network]:
        """Save another definition of a network; a running one takes it when it is started anew."""
        return self._put(self._network, host, network, body, if_match, lambda: self._networks.one(host, network))

    def _put(
        self, kind: Kind, host: str, name: str, body: DefinitionPut, if_match: str | None, answer: Callable[[], T]
    ) -> Change[T]:
        before, new = parse(kind.read(host, name)), parse(body.xml)
        if if_match not in ("*", digest(kind.bare(before))):
            raise changed_meanwhile(name)
        _same(kind.tag, before, new)
        when: When = "next_start" if kind.active(host, name) else "live"
        plan = Plan(
            xml_diff=diff(kind.bare(before), kind.bare(new)),
            commands=[here_document(kind.command, canonical(new))],
            effects=[Effect(field=kind.tag, when=when)],
        )

        def apply() -> T:
            kind.save(host, dump(new))
            return answer()

        return checked(Change(plan, apply), self._schemas[kind.tag].fault(mask_secrets(new)))


def _same(tag: str, before: Element, new: Element) -> None:
    if new.tag != tag:
        raise fault_at(new, f"The document must be a {tag}, not {new.tag}.")
    for name in ("uuid", "name"):
        element, wanted = new.find(name), before.findtext(name) or ""
        if element is None or (element.text or "").strip() != wanted:
            raise fault_at(new if element is None else element, f"Its {name} is {wanted} and must stay.")
    if new.get("type") != before.get("type"):
        raise fault_at(new, f"Its type is {before.get('type')} and must stay.")
