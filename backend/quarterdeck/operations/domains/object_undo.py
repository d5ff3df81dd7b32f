"""The way back from changes of pools and networks: each keeps what was before it, and one act brings that back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

from ...hypervisor.hosts import Hosts
from ...model.inverse import ObjectInverse
from ...model.network import Network
from ...model.network_settings import NetworkSettings, read_settings, usual
from ...model.secrecy import without_secrets
from ...model.storage import Pool, PoolPatch
from ...model.xml import digest, dump, parse
from ...plan import Change, Plan, take_back
from ...problems import Problem
from ..changing.definitions import DefinitionPut
from ..networks.networks import HostNetworks, NetworkPatch
from ..networks.object_xml import ObjectXml
from ..pools.pools import Pools
from ..storage.storage import Storage

T = TypeVar("T", Pool, Network)
WORDS = {"etag": "its definition", "autostart": "whether it starts with the host", "active": "whether it runs"}


class ObjectUndo:
    """Keeps ways back, and goes them."""

    def __init__(self, hosts: Hosts, storage: Storage, pools: Pools, networks: HostNetworks, texts: ObjectXml) -> None:
        self._hosts = hosts
        self._storage = storage
        self._pools = pools
        self.networks = networks
        self.texts = texts

    def of_pool(self, host: str, pool: str, change: Change[Pool]) -> Change[Pool]:
        """The same change of a pool, whose answer tells the way back."""
        return self._keeping(change, self._storage.pool(host, pool), self._xml("pool", host, pool))

    def of_network(self, host: str, network: str, change: Change[Network]) -> Change[Network]:
        """The same change of a network, whose answer tells the way back."""
        return self._keeping(change, self.networks.one(host, network), self._xml("network", host, network))

    def _xml(self, noun: str, host: str, name: str) -> str:
        found = self._hosts.get(host)
        return found.pools.xml(name, saved=True) if noun == "pool" else found.networks.xml(name, saved=True)

    @staticmethod
    def _keeping(change: Change[T], before: T, xml: str) -> Change[T]:
        def apply() -> T:
            after = change.apply()
            return after.model_copy(update={"inverse": _inverse(before, after, xml)})

        return Change(change.plan, apply)

    def undo(self, host: str, name: str, inverse: ObjectInverse) -> Change[Pool] | Change[Network]:
        """Bring back what was; Problem where the same was changed again."""
        if inverse.noun == "pool":
            _still(self._storage.pool(host, name), inverse)
            return self.of_pool(host, name, self._pool_back(host, name, inverse))
        _still(self.networks.one(host, name), inverse)
        return self.of_network(host, name, self._network_back(host, name, inverse))

    def _pool_back(self, host: str, name: str, inverse: ObjectInverse) -> Change[Pool]:
        if inverse.active is not None:
            return (self._pools.start if inverse.active else self._pools.stop)(host, name)
        steps = []
        if inverse.xml is not None:
            steps.append(self.texts.put_pool(host, name, DefinitionPut(xml=inverse.xml), "*"))
        if inverse.autostart is not None:
            steps.append(self._pools.patch(host, name, PoolPatch(autostart=inverse.autostart)))
        before = self._xml("pool", host, name)
        return _together(steps, lambda: self._hosts.get(host).pools.define(before))

    def _network_back(self, host: str, name: str, inverse: ObjectInverse) -> Change[Network]:
        if inverse.active is not None:
            return (self.networks.start if inverse.active else self.networks.stop)(host, name)
        if inverse.xml is not None and (body := self._as_form(host, name, inverse.xml)):
            autostart = body.autostart if inverse.autostart is None else inverse.autostart
            return self.networks.edit(host, name, body.model_copy(update={"autostart": autostart}), "*")
        steps = []
        if inverse.xml is not None:
            steps.append(self.texts.put_network(host, name, DefinitionPut(xml=inverse.xml), "*"))
        if inverse.autostart is not None:
            steps.append(self.networks.patch(host, name, NetworkPatch(autostart=inverse.autostart)))
        before = self._xml("network", host, name)
        return _together(steps, lambda: self._hosts.get(host).networks.define(before))

    def _as_form(self, host: str, name: str, xml: str) -> NetworkSettings | None:
        """A definition as values of the form, which change a running network at once; None where they fall short."""
        settings, now = read_settings(parse(xml)), self.networks.one(host, name)
        if settings is None or now.settings is None:
            return None
        new = usual(parse(self._xml("network", host, name)))
        NetworkSettings.patch(new, settings.definition())
        if digest(new) != digest(usual(parse(xml))):
            return None
        return settings.model_copy(update={"autostart": now.autostart})


def _inverse(before: T, after: T, xml: str) -> ObjectInverse | None:
    """What was otherwise before; None where nothing was, or where a password would have to be kept."""
    if not after.persistent:
        return None
    was = {name: getattr(before, name) for name in WORDS if getattr(before, name) != getattr(after, name)}
    made = {name: getattr(after, name) for name in was}
    if was.pop("etag", None) is not None:
        root = parse(xml)
        if dump(without_secrets(root)) != dump(root):
            return None
        was["xml"] = xml
    return ObjectInverse(noun="pool" if isinstance(before, Pool) else "network", **was, made=made) if made else None


def _still(now: Pool | Network, inverse: ObjectInverse) -> None:
    """Whether everything is as the change left it."""
    again = [WORDS[name] for name, value in inverse.made.items() if getattr(now, name) != value]
    if again:
        raise Problem("not-undoable", f"It was changed again since: {', '.join(again)}.")


def _together(steps: list[Change[T]], restore: Callable[[], object]) -> Change[T]:
    """Some changes as one; `restore` brings the definition back where a later one fails."""
    plans = [step.plan for step in steps]
    plan = Plan(
        xml_diff="".join(each.xml_diff for each in plans),
        commands=[command for each in plans for command in each.commands],
        effects=[effect for each in plans for effect in each.effects],
        warnings=[warning for each in plans for warning in each.warnings],
    )

    def apply() -> T:
        with ExitStack() as undo:
            undo.callback(take_back, restore)
            done = [step.apply() for step in steps]
            undo.pop_all()
        return done[-1]

    return Change(plan, apply)
