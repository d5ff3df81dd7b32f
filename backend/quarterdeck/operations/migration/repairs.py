"""Repairs of what stands in the way of a move: each a planned change of its own, on one of both hosts."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.networks import Networks
from ...hypervisor.pools import Pools
from ...model.edits import ApplyQuery
from ...model.moving import for_other_host, host_model_cpu, put_cpu
from ...model.network_settings import NetworkSettings
from ...model.xml import dump
from ...plan import Change, Effect, Plan, take_back
from ...problems import Problem
from ..changing.changing import Changing, here_document
from ..devices.devices import Devices
from ..hosts.twins import forget_definition
from .carrying_secrets import carry_secret
from .forecasts import Forecasts
from .link import MOST_MIB, SECONDS, LinkTest
from .peers import Peers
from .situation import Situation
from .way_back import BACK

Made = Change[Any]


@dataclass(frozen=True)
class Hands:
    """What repairs are done with, and for whom."""

    devices: Devices
    changing: Changing
    forecasts: Forecasts
    user: User
    secret_value: str | None = None


Repairer = Callable[[Situation, str, Hands], Made]


def make_network(at: Situation, name: str, _hands: Hands) -> Made:
    """Define the network there as it is here, start it, and let it start with the host."""
    return _make(at, at.destination.networks, name, for_other_host(at.source.networks.xml(name, saved=True)))


def make_bridge(at: Situation, bridge: str, _hands: Hands) -> Made:
    """Let libvirt make a bridge of this name there, into which nothing of the host is plugged."""
    there = at.destination
    taken = {row.name for row in there.networks.rows()}
    name = next(each for each in (bridge, f"{bridge}-bridge", f"{bridge}-{at.row.uuid}") if each not in taken)
    settings = NetworkSettings(name=name, mode="isolated", bridge=bridge, stp=False, bridge_delay_seconds=0)
    change = _make(at, there.networks, name, dump(NetworkSettings.build(settings.definition())))
    command = f"ip link set dev INTERFACE master {shlex.quote(bridge)}"
    warning = (
        f"libvirt makes {bridge} as the isolated network “{name}”. Machines in it reach each other, and nothing else "
        f"until an interface of {there.spec.name} is put into it (as root: {command})."
    )
    return Change(change.plan.model_copy(update={"warnings": [warning]}), change.apply)


def start_network(at: Situation, name: str, _hands: Hands) -> Made:
    """Start a network there."""
    plan = Plan(commands=[_virsh(at.destination, "net-start", name)], effects=[_live("network")])
    return Change(plan, lambda: at.destination.networks.start(name))


def make_pool(at: Situation, name: str, _hands: Hands) -> Made:
    """Define the shared pool there as it is here, mount it, and let it start with the host."""
    return _make(at, at.destination.pools, name, for_other_host(at.source.pools.xml(name, saved=True)))


def _make(at: Situation, there: Networks | Pools, name: str, xml: str) -> Made:
    def apply() -> None:
        with ExitStack() as undo:
            made = there.define(xml)
            undo.callback(take_back, there.undefine, made)
            if isinstance(there, Pools):
                there.build(made)
            there.start(made)
            undo.callback(take_back, there.stop, made)
            there.set_autostart(made, True)
            undo.pop_all()

    noun, word, acts = "network", "net", ["start", "autostart"]
    if isinstance(there, Pools):
        noun, word, acts = "pool", "pool", ["build", *acts]
    commands = [here_document(_virsh(at.destination, f"{word}-define", "/dev/stdin"), xml)]
    commands += [_virsh(at.destination, f"{word}-{act}", name) for act in acts]
    return Change(Plan(xml_diff=_added(xml), commands=commands, effects=[_live(noun)]), apply)


def start_pool(at: Situation, name: str, _hands: Hands) -> Made:
    """Start a pool there."""
    plan = Plan(commands=[_virsh(at.destination, "pool-start", name)], effects=[_live("pool")])
    return Change(plan, lambda: at.destination.pools.start(name))


def remount_pool(at: Situation, name: str, _hands: Hands) -> Made:
    """Unmount a pool there and mount it again."""
    pools = at.destination.pools

    def apply() -> None:
        if pools.row(name).state == "running":  # libvirt stops one that it cannot read
            pools.stop(name)
        pools.start(name)

    plan = Plan(
        commands=[_virsh(at.destination, "pool-destroy", name), _virsh(at.destination, "pool-start", name)],
        effects=[_live("pool")],
        notes=["While a machine there uses it, libvirt does not unmount it, and nothing is changed."],
    )
    return Change(plan, apply)


def eject(at: Situation, target: str, hands: Hands) -> Made:
    """Take the medium out of a drive, now and for later."""
    query = ApplyQuery(apply="both" if at.row.persistent else "live")
    return hands.devices.edit(
        at.source.id, at.row.uuid, f"disk-{target}", {"source": None, "force": True}, query, None, hands.user
    )


def cache_none(at: Situation, target: str, hands: Hands) -> Made:
    """Let a disk go past the host's page cache from the next start on."""
    query = ApplyQuery(apply="next_start")
    return hands.devices.edit(at.source.id, at.row.uuid, f"disk-{target}", {"cache": "none"}, query, None, hands.user)


def common_cpu(at: Situation, _about: str, hands: Hands) -> Made:
    """Give it the CPU that both hosts have, from its next start on."""
    m = at.machine
    models = []
    for host in (at.source, at.destination):
        offers = host.capabilities.domain_xml(emulator=m.emulator, arch=m.arch, machine=m.machine, virt_type=m.type)
        found = host_model_cpu(offers or "<none/>")
        if found is None:
            raise Problem("unsupported", f"{host.spec.name} does not tell what CPU its machines can have.")
        models.append(found)
    baseline = at.source.migrations.baseline_cpu(m.emulator, m.arch, m.machine, m.type, models)
    draft = hands.changing.begin(at.source.id, at.row.uuid, None, "next_start")
    put_cpu(draft.saved, baseline)
    draft.with_file("define --validate", draft.saved)
    draft.effect("cpu", live=False)
    return hands.changing.finish(draft, hands.user)


def remove_device(at: Situation, device: str, hands: Hands) -> Made:
    """Take a device of the host out of the machine, now and for later; a guest may take its time to let go."""
    query = ApplyQuery(apply="both" if at.row.persistent else "live")
    return hands.devices.remove(at.source.id, at.row.uuid, device, query, None, hands.user)


def discard_save(at: Situation, _about: str, _hands: Hands) -> Made:
    """Drop the saved state, as if the machine had lost power."""
    plan = Plan(
        commands=[_virsh(at.source, "managedsave-remove", at.row.name)],
        effects=[_live("saved state")],
        warnings=["What the guest had not written to its disks is lost, as after a power cut."],
    )
    return Change(plan, lambda: at.source.domains.discard_save(at.row.uuid))


def forget_leftover(at: Situation, _about: str, _hands: Hands) -> Made:
    """Remove the definition of the same machine that is off there; its disks stay."""
    return forget_definition(at.destination, at.row.uuid)


def trust_peer(at: Situation, about: str, _hands: Hands) -> Made:
    """Let the source's root in to the destination, which it then knows by its host key; or the other way round."""
    if about == BACK:
        return Peers(at.destination, at.source, None).set_up()
    return Peers(at.source, at.destination, at.request.transfer_address).set_up()


def measure_link(at: Situation, _about: str, hands: Hands) -> Made:
    """Try how fast data gets there; the forecast then counts with that."""
    test = LinkTest(at.source, at.destination, at.request.transfer_address)

    def apply() -> str:
        found = test.run()
        hands.forecasts.keep_link(at.source.id, at.destination.id, found)
        return f"{found / (1 << 20):.1f} MiB/s"

    notes = [
        f"Zeros go from {at.source.spec.name} to {at.destination.spec.name} for {SECONDS} s, {MOST_MIB} MiB at most. "
        "Nothing is written.",
        "SSH encrypts them: a very fast network looks slower than it is.",
    ]
    return Change(Plan(commands=[f"# on {at.source.spec.name}", test.script], notes=notes), apply)


def carry_secret_over(at: Situation, uuid: str, hands: Hands) -> Made:
    """Make a secret of libvirt there too, with its value."""
    return carry_secret(at, uuid, hands.secret_value)


REPAIRS: dict[str, Repairer] = {
    "make-network": make_network,
    "make-bridge": make_bridge,
    "start-network": start_network,
    "make-pool": make_pool,
    "start-pool": start_pool,
    "remount-pool": remount_pool,
    "eject": eject,
    "cache-none": cache_none,
    "common-cpu": common_cpu,
    "remove-device": remove_device,
    "discard-save": discard_save,
    "forget-leftover": forget_leftover,
    "trust-peer": trust_peer,
    "measure-link": measure_link,
    "carry-secret": carry_secret_over,
}


def _virsh(host: Host, *words: str) -> str:
    return shlex.join(["virsh", "-c", host.uri, *words])


def _live(field: str) -> Effect:
    return Effect(field=field, when="live")


def _added(xml: str) -> str:
    return "".join(f"+{line}\n" for line in xml.splitlines())
