"""Pools: prepared, started, stopped, edited and removed, each in whole or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import ExitStack

from pydantic import Field

from ...hypervisor.hosts import Hosts
from ...model.create import Strict
from ...model.pool import DEVICES, TYPES
from ...model.pool_form import PoolSource, PoolType, pool_types, read_device, read_settings, read_sources
from ...model.pool_parts import Buildable, HostName, PoolSettings
from ...model.storage import Pool, PoolPatch, identity
from ...model.xml import diff, digest, dump, parse
from ...plan import Change, Effect, Plan, take_back
from ...problems import Problem, field_problem
from ..changing.changing import changed_meanwhile, here_document
from ..changing.definitions import DefinitionText
from ..storage.storage import Storage
from .commands import FLAGS, TYPE_OF, autostart, build_of, stands_on, virsh
from .logins import drop_password, login_change
from .making import LOSES
from .reach import must_answer, servers_must_answer


class SourceQuery(Strict):
    """Of which type, and on which server, what pools could be made of."""

    type: str = Field(description="Type of the pool, such as `netfs`")
    source_host: HostName | None = Field(None, description="Server that is asked")


class PoolBuild(Strict):
    """`overwrite` builds even where the device holds something, which is lost."""

    overwrite: bool = False


class PoolDelete(Strict):
    """`contents` deletes all volumes too, and what the pool stands on."""

    contents: bool = Field(False, description="Delete all volumes too, and what the pool stands on")


class Pools:
    """Changes of the pools of all hosts."""

    def __init__(self, hosts: Hosts, storage: Storage) -> None:
        self._hosts = hosts
        self._storage = storage

    def types(self, host: str) -> list[PoolType]:
        """All types of pools, and which of them this host can have."""
        return pool_types(self._hosts.get(host).capabilities.pool_xml())

    def sources(self, host: str, query: SourceQuery) -> list[PoolSource]:
        """What a server exports, or what the host has, that a pool could be made of."""
        model = TYPES.get(query.type)
        if model is None:
            raise field_problem("/type", f"There is no type of pool “{query.type}”.")
        if model.port and not query.source_host:
            raise field_problem("/source_host", "Name the server.")
        if query.type in DEVICES:
            devices = self._hosts.get(host).nodedevs.all(DEVICES[query.type])
            found = (read_device(device.name, device.xml) for device in devices)
            return sorted((each for each in found if each), key=lambda each: each.title)
        values = {"source_host": query.source_host} if query.source_host else {}
        source = model.build(values).find("source")
        if query.source_host and model.port and self._hosts.get(host).spec.transport == "local":
            must_answer(query.source_host, 111 if query.type == "netfs" else model.port, "/source_host")
        told = self._hosts.get(host).pools.sources(query.type, dump(source) if source is not None else "<source/>")
        return read_sources(query.type, told)

    def text(self, host: str, pool: str) -> DefinitionText:
        """The saved definition."""
        xml = self._hosts.get(host).pools.xml(pool, saved=True)
        return DefinitionText(xml=dump(parse(xml)) + "\n", etag=digest(identity(parse(xml))))

    # -- what is there

    def edit(self, host: str, pool: str, body: PoolSettings, if_match: str | None) -> Change[Pool]:
        """Save other values; a running pool takes them when it is started anew."""
        pools = self._hosts.get(host).pools
        row, before = pools.row(pool), pools.xml(pool, saved=True)
        if if_match not in ("*", digest(identity(parse(before)))):
            raise changed_meanwhile(row.name)
        new = identity(parse(before))
        if new.get("type") != TYPE_OF[type(body)]:
            raise field_problem("/type", f"A pool's type cannot change: this one is {new.get('type')}.")
        if body.name != row.name:
            raise field_problem("/name", "libvirt cannot rename a pool. Delete it (its volumes stay) and make it anew.")
        login = login_change(self._hosts.get(host), row.uuid, body, before)
        body = login.body
        type(body).patch(new, {key: value for key, value in body.definition().items() if key != "type"})
        changed = diff(identity(parse(before)), new)
        plan = Plan(xml_diff=changed, commands=list(login.commands()))
        if changed:
            plan.commands.append(here_document("virsh pool-define --validate /dev/stdin", dump(new)))
            when = "next_start" if row.state != "inactive" else "live"
            plan.effects.append(Effect(field="pool", when=when))
        if body.autostart != row.autostart:
            plan.commands.append(autostart(row.name, body.autostart))

        def apply() -> Pool:
            with ExitStack() as undo:
                login.prepare(undo)
                if changed:
                    pools.define(dump(new))
                    undo.callback(take_back, pools.define, before)
                if body.autostart != row.autostart:
                    pools.set_autostart(row.uuid, body.autostart)
                login.finish()
                undo.pop_all()
            return self._storage.pool(host, pool)

        return Change(plan, apply)

    def patch(self, host: str, pool: str, body: PoolPatch) -> Change[Pool]:
        """Whether it starts with the host."""
        row = self._hosts.get(host).pools.row(pool)
        plan = Plan(commands=[autostart(row.name, body.autostart)], effects=[Effect(field="autostart", when="live")])
        if not row.persistent:
            raise Problem("wrong-state", "Nothing of this pool is saved, so it cannot start with the host.")
        return self._change(
            host, pool, plan, lambda: self._hosts.get(host).pools.set_autostart(row.uuid, body.autostart)
        )

    def start(self, host: str, pool: str) -> Change[Pool]:
        """Start a pool, or do nothing where it runs. A server behind it must answer first."""
        found = self._hosts.get(host)
        row = found.pools.row(pool)
        settings = read_settings(parse(found.pools.xml(pool, saved=True)))

        def act() -> None:
            if row.state != "inactive":
                return
            if settings and found.spec.transport == "local" and not found.is_test:
                servers_must_answer(settings)
            found.pools.start(pool)

        plan = Plan(commands=[virsh("pool-start", row.name)], effects=[Effect(field="state", when="live")])
        return self._change(host, pool, plan, act)

    def stop(self, host: str, pool: str) -> Change[Pool]:
        """Stop a pool; its volumes stay where they are."""
        row, users = self._hosts.get(host).pools.row(pool), self._storage.users(host, pool)
        plan = Plan(commands=[virsh("pool-destroy", row.name)], effects=[Effect(field="state", when="live")])
        plan.warnings += self._check_users(host, pool, users)
        if not row.persistent:
            plan.warnings.append("Nothing of this pool is saved: once stopped it is forgotten. Its volumes stay.")

        def act() -> None:
            if row.state != "inactive":
                self._hosts.get(host).pools.stop(pool)

        return self._change(host, pool, plan, act)

    def build(self, host: str, pool: str, body: PoolBuild) -> Change[Pool]:
        """Make the folder, file system, partition table or volume group that the pool stands on."""
        found = self._hosts.get(host)
        row, root = found.pools.row(pool), parse(found.pools.xml(pool, saved=True))
        if row.state != "inactive":
            raise Problem("wrong-state", f"The pool {row.name} runs.", cure="Stop it first.")
        self._storage.check_act(host, pool, "build")
        kind, way = TYPES.get(root.get("type", "")), build_of(root.get("type", ""), body.overwrite)
        if body.overwrite and not (kind and issubclass(kind, Buildable)):
            raise field_problem("/overwrite", "A pool of this type overwrites nothing.")
        plan = Plan(commands=[virsh("pool-build", row.name, *FLAGS[way])], effects=[Effect(field="pool", when="live")])
        if way == "overwrite":
            settings = read_settings(root)
            plan.warnings.append(LOSES.format(stands_on(settings) if settings else row.name))
        return self._change(host, pool, plan, lambda: found.pools.build(pool, way))

    def delete(self, host: str, pool: str, query: PoolDelete) -> Change[None]:
        """Forget a pool; its volumes stay, unless their deletion is asked for and no machine uses one."""
        pools, volumes = self._hosts.get(host).pools, self._hosts.get(host).volumes
        row, users, saved = pools.row(pool), self._storage.users(host, pool), pools.xml(pool, saved=True)
        names, doubts = list[str](), list[str]()
        if query.contents:
            self._storage.running(host, pool, "delete")
            if users:
                raise _in_use(row.name, users, "Remove its volumes from these machines first.")
            doubts, names = self._storage.guard.check_pool(host, row.name), volumes.names(pool)
        warnings = doubts if query.contents else self._check_users(host, pool, users)
        commands = [virsh("vol-delete", "--pool", row.name, name) for name in names]
        commands += [virsh("pool-destroy", row.name)] if row.state != "inactive" else []
        commands += [virsh("pool-delete", row.name)] if query.contents else []
        commands += [virsh("pool-undefine", row.name)] if row.persistent else []
        if names:
            warnings.append(f"{len(names)} volumes are deleted; what they hold is lost.")

        def apply() -> None:
            for name in names:
                self._storage.remove(host, pool, name)
            if row.state != "inactive":
                pools.stop(row.uuid)
            if query.contents and row.persistent:
                with contextlib.suppress(Problem):  # a folder that holds something else too stays
                    pools.delete(row.uuid)
            if row.persistent:
                pools.undefine(row.uuid)
            drop_password(self._hosts.get(host), row.uuid, saved)

        return Change(Plan(commands=commands, warnings=warnings), apply)

    def _check_users(self, host: str, pool: str, users: list[str]) -> list[str]:
        """The warning of a pool that machines use; Problem where taking it away would cut running ones off."""
        found = self._hosts.get(host)
        on = sorted(row.name for row in found.domains.rows() if row.active and row.name in users)
        row = found.pools.row(pool)
        kind = parse(found.pools.xml(pool)).get("type")
        if on and row.state != "inactive" and kind != "dir":
            raise _in_use(row.name, on, "Shut them down first: they would lose their disks.")
        return [f"{', '.join(users)} use it, and do not start without it."] if users else []

    def _change(self, host: str, pool: str, plan: Plan, act: Callable[[], None]) -> Change[Pool]:
        uuid = self._hosts.get(host).pools.row(pool).uuid

        def apply() -> Pool:
            act()
            return self._storage.pool(host, uuid)

        return Change(plan, apply)


def _in_use(name: str, users: list[str], cure: str) -> Problem:
    return Problem("in-use", f"The pool {name} is used by {', '.join(users)}.", cure=cure, used_by=users)
