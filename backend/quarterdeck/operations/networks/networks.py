"""Virtual networks of a host: made, edited, stopped, removed, and who is on them."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import ExitStack

from ...hypervisor.hosts import Hosts
from ...hypervisor.networks import NetworkRow
from ...model.devices import HostDev
from ...model.forms import Offer
from ...model.network import Network, read_network
from ...model.network_pending import pending
from ...model.network_rules import faults
from ...model.network_settings import OWN_BRIDGE, NetworkSettings, read_settings, usual
from ...model.network_updates import Edit, Update, compare
from ...model.nodedev import NodeDevice, host_device, read_node_device
from ...model.strict import Strict
from ...model.xml import diff, digest, dump, parse
from ...plan import Change, Effect, Plan, take_back
from ...problems import Problem, field_problem
from ..changing.changing import changed_meanwhile, here_document
from ..changing.definitions import DefinitionText
from ..faults import Faults
from ..storage.storage import added
from .cables import Cables
from .clients import Clients
from .routes_of_host import host_routes
from .turns import Turns


class NetworkPatch(Strict):
    """What changes without a new definition."""

    autostart: bool


class HostNetworks:
    """The networks and node devices of all hosts."""

    def __init__(self, hosts: Hosts, clients: Clients, turns: Turns) -> None:
        self._hosts = hosts
        self.clients = clients
        self.turns = turns
        self._cables = Cables(hosts)

    def all(self, host: str) -> list[Network]:
        """All virtual networks of a host, by name."""
        rows = self._hosts.get(host).networks.rows()
        return sorted((self._network(host, row) for row in rows), key=lambda network: network.name)

    def one(self, host: str, network: str) -> Network:
        """One virtual network."""
        return self._network(host, self._hosts.get(host).networks.row(network))

    def _network(self, host: str, row: NetworkRow) -> Network:
        networks = self._hosts.get(host).networks
        text, saved = networks.xml(row.uuid), parse(networks.xml(row.uuid, saved=True))
        facts, settings = read_network(text), read_settings(saved)
        waiting = pending(saved, parse(text)) if row.active else []
        return Network(
            host=host,
            uuid=row.uuid,
            name=row.name,
            active=row.active,
            persistent=row.persistent,
            autostart=row.autostart,
            mode=facts.mode,
            bridge=facts.bridge or row.bridge,
            device=facts.device,
            domain=facts.domain,
            ranges=facts.ranges,
            used_by=self.clients.machines(host, row.name),
            cut_off=self.clients.cut_off(host, row, _libvirt_mode(facts.mode)),
            settings=settings.model_dump(include=set(NetworkSettings.places)) if settings else None,
            changes_pending=bool(waiting),
            pending=waiting,
            etag=digest(saved),
        )

    def text(self, host: str, network: str) -> DefinitionText:
        """The saved definition."""
        saved = parse(self._hosts.get(host).networks.xml(network, saved=True))
        return DefinitionText(xml=dump(saved) + "\n", etag=digest(saved))

    # -- making and editing

    def create(self, host: str, body: NetworkSettings) -> Change[Network]:
        """A new network, started and with the host where asked."""
        networks = self._hosts.get(host).networks
        warnings = self._check(host, body, None)
        root = NetworkSettings.build(body.definition())
        commands = [here_document("virsh net-define --validate /dev/stdin", dump(root))]
        commands += [_virsh("net-start", body.name)] if body.start else []
        commands += [_autostart(body.name, True)] if body.autostart else []
        plan = Plan(
            xml_diff=added(dump(root)),
            commands=commands,
            effects=[Effect(field="network", when="live")],
            warnings=warnings,
        )

        def apply() -> Network:
            with ExitStack() as undo:
                uuid = networks.define(dump(root))
                undo.callback(take_back, networks.undefine, uuid)
                if body.start:
                    networks.start(uuid)
                    undo.callback(take_back, networks.stop, uuid)
                if body.autostart:
                    networks.set_autostart(uuid, True)
                undo.pop_all()
            return self.one(host, body.name)

        return Change(plan, apply)

    def edit(self, host: str, network: str, body: NetworkSettings, if_match: str | None) -> Change[Network]:
        """Other settings: what libvirt can gives the running network at once, the rest when it is started anew."""
        networks = self._hosts.get(host).networks
        row, before = networks.row(network), networks.xml(network, saved=True)
        if if_match not in ("*", digest(parse(before))):
            raise changed_meanwhile(row.name)
        self.turns.check(host, row)
        if body.name != row.name:
            raise field_problem("/name", "libvirt cannot rename a network: machines name it in their definitions.")
        warnings = self._check(host, body, row)
        new = usual(parse(before))
        NetworkSettings.patch(new, body.definition())
        changed = diff(usual(parse(before)), new)
        running = read_settings(parse(networks.xml(network))) if row.active else None
        edit = compare(running, body) if running else Edit((), (), ())
        plan = _edit_plan(row, body, edit, dump(new) if changed else None)
        plan.xml_diff, plan.warnings = changed, [*plan.warnings, *warnings]

        def apply() -> Network:
            with self.turns.short(host, row), ExitStack() as undo:
                if changed:
                    networks.define(dump(new))
                    undo.callback(take_back, networks.define, before)
                for number, update in enumerate(edit.updates):
                    self._update(host, network, update)
                    if number < len(edit.undo):
                        undo.callback(take_back, self._update, host, network, edit.undo[-1 - number])
                if body.autostart != row.autostart and row.persistent:
                    networks.set_autostart(row.uuid, body.autostart)
                undo.pop_all()
            return self.one(host, network)

        return Change(plan, apply)

    def _update(self, host: str, network: str, update: Update) -> None:
        self._hosts.get(host).networks.update(
            network, update.command, update.section, update.xml, parent=update.parent, saved=False
        )

    def _check(self, host: str, body: NetworkSettings, own: NetworkRow | None) -> list[str]:
        """What to mind; Problem with every field that cannot be."""
        found, noted = self._hosts.get(host), Faults()
        libvirt = Offer(libvirt=found.capabilities.facts.libvirt_version)
        for pointer, detail in faults(body, vlan_bridges=libvirt.too_old("11.0.0") is None):
            noted.add(pointer, detail)
        others = [row for row in found.networks.rows() if not (own and row.uuid == own.uuid)]
        if body.name in {row.name for row in others}:
            noted.add("/name", f"The host has a network “{body.name}” already.", "name-taken")
        noted.check()  # that its own addresses are taken too says nothing new
        for row in others:
            other = read_settings(parse(found.networks.xml(row.uuid)))
            if body.bridge and body.mode in OWN_BRIDGE and row.bridge == body.bridge:
                noted.add("/bridge", f"The network {row.name} has a bridge of this name.", "in-use")
            for number, ip in enumerate(body.ips) if other else ():
                for known in other.ips if other else ():
                    if known.family == ip.family and known.network.overlaps(ip.network):
                        detail = f"{ip.network} overlaps with {known.network} of the network {row.name}."
                        if row.active:
                            noted.add(f"/ips/{number}/address", detail, "in-use")
                        else:
                            noted.warnings.append(f"{detail} Only one of both can run.")
        self._check_host(host, body, own, noted)
        noted.check()
        return list(dict.fromkeys(noted.warnings))

    def _check_host(self, host: str, body: NetworkSettings, own: NetworkRow | None, noted: Faults) -> None:
        """Against what this server reaches itself, and which interfaces the host has."""
        found = self._hosts.get(host)
        if found.spec.transport == "local" and not found.is_test:
            for device, net in host_routes():
                for ip in body.ips:
                    if (
                        net.version == ip.network.version
                        and net.overlaps(ip.network)
                        and device != (own and own.bridge)
                    ):
                        told = f"{ip.network} overlaps with {net}, which the host reaches by {device}."
                        noted.warnings.append(f"{told} libvirt refuses to start a network that another interface has.")
        interfaces = {each.name: each for each in self.clients.interfaces(host)}
        taken = interfaces.get(body.bridge or "") if body.mode in OWN_BRIDGE else None
        if taken and taken.network != body.name:
            noted.add("/bridge", f"The host has an interface {taken.name} already.", "in-use")
        named = [("/forward_device", body.forward_device), ("/physical_function", body.physical_function)]
        named += [(f"/interfaces/{number}", name) for number, name in enumerate(body.interfaces)]
        named += [("/bridge", body.bridge)] if body.mode == "bridge" else []
        for _pointer, name in named:
            if name and interfaces and name not in interfaces:
                noted.warnings.append(f"The host has no interface {name} now.")

    # -- what is there

    def patch(self, host: str, network: str, body: NetworkPatch) -> Change[Network]:
        """Whether it starts with the host."""
        networks = self._hosts.get(host).networks
        row = networks.row(network)
        if not row.persistent:
            raise Problem("wrong-state", "Nothing of this network is saved, so it cannot start with the host.")
        plan = Plan(commands=[_autostart(row.name, body.autostart)], effects=[Effect(field="autostart", when="live")])
        return self._change(host, network, plan, lambda: networks.set_autostart(row.uuid, body.autostart))

    def start(self, host: str, network: str) -> Change[Network]:
        """Start a network where it is off, and plug in the running machines that lost its cable."""
        now = self.one(host, network)
        plan = Plan(effects=[Effect(field="state", when="live")])
        plan.commands += [] if now.active else [_virsh("net-start", now.name)]
        plan.notes += [f"These get their cable back: {', '.join(now.cut_off)}."] if now.cut_off else []
        return self._change(host, network, plan, lambda: self._start(host, now))

    def _start(self, host: str, network: Network) -> None:
        networks = self._hosts.get(host).networks
        if not networks.row(network.uuid).active:
            networks.start(network.uuid)
        if network.cut_off:
            self._cables.mend(host, networks.row(network.uuid))

    def stop(self, host: str, network: str) -> Change[Network]:
        """Stop a network; running machines on it lose their cable."""
        row, now = self._hosts.get(host).networks.row(network), self.one(host, network)
        plan = Plan(commands=[_virsh("net-destroy", row.name)], effects=[Effect(field="state", when="live")])
        plan.warnings += self._cut_off(host, row) if _libvirt_mode(now.mode) in OWN_BRIDGE else []
        if not row.persistent:
            plan.warnings.append("Nothing of this network is saved: once stopped it is forgotten.")
        return self._change(host, network, plan, lambda: self._stop(host, row), gone=not row.persistent)

    def _stop(self, host: str, row: NetworkRow) -> None:
        networks = self._hosts.get(host).networks
        if networks.row(row.uuid).active:
            networks.stop(row.uuid)

    def delete(self, host: str, network: str) -> Change[None]:
        """Stop and forget a network that no machine names."""
        row = self._hosts.get(host).networks.row(network)
        users = self.clients.machines(host, row.name)
        if users:
            raise Problem(
                "in-use",
                f"{', '.join(users)} have a card on {row.name}.",
                cure="Put these cards on another network first.",
                used_by=users,
            )
        self.turns.check(host, row)
        commands = [_virsh("net-destroy", row.name)] if row.active else []
        commands += [_virsh("net-undefine", row.name)] if row.persistent else []

        def apply() -> None:
            with self.turns.short(host, row):
                self._stop(host, row)
                if row.persistent:
                    self._hosts.get(host).networks.undefine(row.uuid)

        return Change(Plan(commands=commands), apply)

    def _cut_off(self, host: str, row: NetworkRow) -> list[str]:
        on = self.clients.running(host, row.name) if row.active else []
        told = "They get it back when the network is started here; virsh net-start does not do that."
        return [f"These lose their cable: {', '.join(on)}. {told}"] if on else []

    def _change(
        self, host: str, network: str, plan: Plan, act: Callable[[], None], *, gone: bool = False
    ) -> Change[Network]:
        before, row = self.one(host, network), self._hosts.get(host).networks.row(network)
        self.turns.check(host, row)

        def apply() -> Network:
            with self.turns.short(host, row):
                act()
            return before.model_copy(update={"active": False}) if gone else self.one(host, before.uuid)

        return Change(plan, apply)

    def devices(self, host: str, capability: str | None) -> list[NodeDevice]:
        """The devices of a host, or those of one capability."""
        users = self.clients.usage.host_devices(host)
        found = self._hosts.get(host).nodedevs.all(capability)
        return [_device(host, device.name, device.parent, device.xml, users) for device in found]


def _device(host: str, name: str, parent: str | None, xml: str, users: dict[str, list[str]]) -> NodeDevice:
    device = read_node_device(host, name, parent, xml)
    wanted = host_device(device, xml)
    key = HostDev.read(HostDev.build(wanted)).identity if wanted else None
    return device.model_copy(update={"used_by": users.get(key or "", [])})


def _edit_plan(row: NetworkRow, body: NetworkSettings, edit: Edit, text: str | None) -> Plan:
    plan = Plan()
    if text:
        plan.commands.append(here_document("virsh net-define --validate /dev/stdin", text))
    plan.commands += [_virsh("net-update", row.name, *update.virsh, "--live") for update in edit.updates]
    plan.effects += [Effect(field=name, when="live") for name in dict.fromkeys(each.field for each in edit.updates)]
    plan.effects += [Effect(field=name, when="next_start") for name in edit.waiting]
    if text and not row.active:
        plan.effects.append(Effect(field="network", when="live"))
    if edit.waiting:
        plan.warnings.append("Some of it takes effect when the network is restarted; until then it runs as it is.")
    if body.autostart != row.autostart:
        plan.commands.append(_autostart(row.name, body.autostart))
    return plan


def _libvirt_mode(mode: str) -> str:
    """The word that libvirt has for a mode."""
    return "route" if mode == "routed" else mode


def _virsh(*words: str) -> str:
    return shlex.join(["virsh", *words])


def _autostart(name: str, on: bool) -> str:
    return _virsh("net-autostart", name, *([] if on else ["--disable"]))
