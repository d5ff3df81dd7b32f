"""XML of single devices, pools and networks: replaced, with libvirt's schema asked before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..access import User
from ..hypervisor.hosts import Hosts
from ..hypervisor.schema import Schema
from ..model.devices import Placed, find
from ..model.domain import Domain
from ..model.network import Network
from ..model.secrecy import keep_secrets, mask_secrets
from ..model.storage import Pool, identity
from ..model.xml import Element, canonical, diff, digest, dump, parse
from ..plan import Change, Effect, Plan, When
from ..problems import Problem
from .changing import Changing, changed_meanwhile, here_document
from .definitions import DefinitionPut, DefinitionText, checked, fault_at, replace
from .media import Storage
from .networks import HostNetworks

T = TypeVar("T")


class DeviceXml:
    """The XML of one device of a machine."""

    def __init__(self, hosts: Hosts, changing: Changing, schema: Schema) -> None:
        self._hosts = hosts
        self._changing = changing
        self._schema = schema

    def text(self, host: str, uuid: str, device: str) -> DefinitionText:
        """The device as saved, secrets masked; the ETag is that of the machine."""
        saved = self._hosts.get(host).domains.xml(uuid, secure=True)
        found = _device(parse(saved), device)
        return DefinitionText(xml=canonical(found.element), etag=digest(saved))

    def put(
        self, host: str, uuid: str, device: str, *, body: DefinitionPut, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Save the device so; a running machine gets it at its next start."""
        draft = self._changing.begin(host, uuid, if_match, "next_start")
        found, new = _device(draft.saved, device), parse(body.xml)
        if new.tag != found.tag:
            raise fault_at(new, f"The document must be a {found.tag}, not {new.tag}.")
        keep_secrets(new, parse(dump(found.element)))
        parent = found.element.getparent()
        if parent is not None:
            new.tail = found.element.tail
            parent.replace(found.element, new)
        fault = self._schema.fault(draft.saved)
        replace(draft, draft.saved)
        return checked(self._changing.finish(draft, user), fault)


def _device(root: Element, device: str) -> Placed:
    found = find(root, device)
    if found is None:
        raise Problem("not-found", f"The saved definition has no device {device}.")
    return found


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
