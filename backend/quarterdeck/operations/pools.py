"""Pools: made, prepared, started, stopped, edited and removed, each in whole or not at all."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from ..access import User
from ..hypervisor.hosts import Hosts
from ..hypervisor.pools import PoolRow
from ..hypervisor.pools import Pools as HostPools
from ..jobs import Job, JobHandle, Jobs
from ..model.create import Strict
from ..model.pool import (
    TYPES,
    Buildable,
    HostName,
    PoolCreate,
    PoolSettings,
)
from ..model.pool_form import PoolSource, PoolType, pool_types, read_settings, read_sources
from ..model.storage import Pool, PoolPatch, identity
from ..model.xml import diff, digest, dump, parse
from ..plan import Change, Effect, Plan
from ..problems import FieldError, Problem, field_problem
from .changing import changed_meanwhile, here_document
from .definitions import DefinitionText
from .media import Storage, added
from .pool_commands import FLAGS, TYPE_OF, autostart, build_of, how, making, stands_on, virsh
from .reach import must_answer

log = logging.getLogger(__name__)
KIND = "pool-create"
LOSES = "What {0} holds is lost."


class SourceQuery(Strict):
    """Of which type, and on which server, what pools could be made of."""

    type: str
    source_host: HostName | None = None


class PoolBuild(Strict):
    """`overwrite` builds even where the device holds something, which is lost."""

    overwrite: bool = False


class PoolDelete(Strict):
    """`contents` deletes all volumes too, and what the pool stands on."""

    contents: bool = False


class PoolShare(Strict):
    """The same pool on several hosts."""

    hosts: list[str] = Field(min_length=1, max_length=64)
    pool: PoolCreate


class Pools:
    """Changes of the pools of all hosts."""

    def __init__(self, hosts: Hosts, storage: Storage, jobs: Jobs) -> None:
        self._hosts = hosts
        self._storage = storage
        self._jobs = jobs

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
        values = {"source_host": query.source_host} if query.source_host else {}
        source = model.build(values).find("source")
        if query.source_host and model.port and self._hosts.get(host).spec.transport == "local":
            must_answer(query.source_host, 111 if query.type == "netfs" else model.port, "/source_host")
        found = self._hosts.get(host).pools.sources(query.type, dump(source) if source is not None else "<source/>")
        return read_sources(query.type, found)

    def text(self, host: str, pool: str) -> DefinitionText:
        """The saved definition."""
        xml = self._hosts.get(host).pools.xml(pool, saved=True)
        return DefinitionText(xml=dump(parse(xml)) + "\n", etag=digest(identity(parse(xml))))

    # -- making

    def create(self, host: str, body: PoolSettings, user: User) -> Change[Pool | Job]:
        """A new pool, started and with the host where asked. With a server behind it a job, since that may be slow."""
        plan = self._plan(host, body)
        if body.servers():
            return Change(plan, lambda: self._start_job([host], body, user))
        return Change(plan, lambda: self._create_now(host, body))

    def share(self, body: PoolShare, user: User) -> Change[Job]:
        """The same pool on several hosts, or on none of them."""
        hosts = list(dict.fromkeys(body.hosts))
        plans = []
        for number, host in enumerate(hosts):
            try:
                plans.append(self._plan(host, body.pool, "/pool"))
            except Problem as problem:
                if problem.slug == "not-found":
                    raise field_problem(f"/hosts/{number}", problem.detail) from problem
                raise Problem(
                    problem.slug, f"{host}: {problem.detail}", cure=problem.cure, errors=problem.errors
                ) from problem
        commands = [line for host, plan in zip(hosts, plans, strict=True) for line in [f"# on {host}", *plan.commands]]
        warnings = list(dict.fromkeys(word for plan in plans for word in plan.warnings))
        plan = Plan(xml_diff=plans[0].xml_diff, commands=commands, effects=plans[0].effects, warnings=warnings)
        return Change(plan, lambda: self._start_job(hosts, body.pool, user))

    def _start_job(self, hosts: list[str], body: PoolSettings, user: User) -> Job:
        target = f"pool/{body.name}"
        return self._jobs.start(
            KIND,
            host=hosts[0],
            target=target,
            target_name=body.name,
            user=user.name,
            work=partial(self._create_all, hosts, body),
        )

    def _create_all(self, hosts: list[str], body: PoolSettings, handle: JobHandle) -> dict[str, Any]:
        done: dict[str, str] = {}
        for number, host in enumerate(hosts):
            handle.check()
            handle.progress(number / len(hosts), f"Making the pool on {host}", phase=host, hosts=done)
            try:
                self._make(host, body, handle.undo)
            except Problem as problem:
                handle.progress(number / len(hosts), phase=host, hosts=done | {host: problem.detail})
                told = f"{host}: {problem.detail} Nothing of the pool is left on any host." if len(hosts) > 1 else ""
                raise Problem(
                    problem.slug,
                    told or problem.detail,
                    cure=problem.cure,
                    errors=problem.errors,
                    raw=problem.raw,
                ) from problem
            done = done | {host: "done"}
        handle.progress(1.0, "Made", hosts=done)
        return {"hosts": hosts, "pool": body.name}

    def _create_now(self, host: str, body: PoolSettings) -> Pool:
        with ExitStack() as undo:
            self._make(host, body, undo)
            undo.pop_all()
        return self._storage.pool(host, body.name)

    def _make(self, host: str, body: PoolSettings, undo: ExitStack) -> None:
        """Define, build, start; what was done is noted in `undo`."""
        found = self._hosts.get(host)
        local = found.spec.transport == "local"
        for address, port in body.servers() if body.start and local and not found.is_test else ():
            must_answer(address, port, "/source_host")
        pools, path = found.pools, getattr(body, "path", None)
        uuid = pools.define(dump(type(body).build(body.definition())))
        undo.callback(_safely, pools.undefine, uuid)
        if body.makes_folder or getattr(body, "build_device", False):
            new = isinstance(body, Buildable) and body.build_device and not body.makes_folder
            new |= body.makes_folder and local and not _exists(path)
            pools.build(uuid, how(body))
            if new:
                undo.callback(_removed, pools, uuid)
        if body.start:
            pools.start(uuid)
            undo.callback(_safely, pools.stop, uuid)
        if body.autostart:
            pools.set_autostart(uuid, True)

    def _plan(self, host: str, body: PoolSettings, at: str = "") -> Plan:
        """What making the pool comes to; Problem at the field that cannot be."""
        rows = self._hosts.get(host).pools.rows()
        if body.name in {row.name for row in rows}:
            taken = FieldError(f"{at}/name", f"The host has a pool “{body.name}” already.")
            raise Problem("name-taken", taken.detail, errors=[taken])
        offered = next(kind for kind in self.types(host) if kind.type == TYPE_OF[type(body)])
        if not offered.available:
            raise Problem("unsupported", offered.reason or "", errors=[FieldError(f"{at}/type", offered.reason or "")])
        self._check_path(host, body, rows, at)
        warnings = [LOSES.format(stands_on(body))] if isinstance(body, Buildable) and body.overwrite else []
        return Plan(
            xml_diff=added(dump(type(body).build(body.definition()))),
            commands=making(body),
            effects=[Effect(field="pool", when="live")],
            warnings=warnings,
        )

    def _check_path(self, host: str, body: PoolSettings, rows: list[PoolRow], at: str) -> None:
        path = getattr(body, "path", None)
        if not body.makes_folder or path is None:
            return
        if path in FORBIDDEN:
            raise field_problem(f"{at}/path", f"{path} belongs to the system. Choose a folder below it.")
        for row in rows:
            other = parse(self._hosts.get(host).pools.xml(row.uuid)).findtext("target/path")
            if other and other.rstrip("/") == path:
                detail = f"The pool {row.name} stands on {path} already."
                raise Problem("in-use", detail, errors=[FieldError(f"{at}/path", detail)])

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
        type(body).patch(new, {key: value for key, value in body.definition().items() if key != "type"})
        changed = diff(identity(parse(before)), new)
        plan = Plan(xml_diff=changed)
        if changed:
            plan.commands.append(here_document("virsh pool-define --validate /dev/stdin", dump(new)))
            when = "next_start" if row.state != "inactive" else "live"
            plan.effects.append(Effect(field="pool", when=when))
        if body.autostart != row.autostart:
            plan.commands.append(autostart(row.name, body.autostart))

        def apply() -> Pool:
            with ExitStack() as undo:
                if changed:
                    pools.define(dump(new))
                    undo.callback(_safely, pools.define, before)
                if body.autostart != row.autostart:
                    pools.set_autostart(row.uuid, body.autostart)
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
            for address, port in settings.servers() if settings and found.spec.transport == "local" else ():
                if not found.is_test:
                    must_answer(address, port, "/source_host")
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
        row, users = pools.row(pool), self._storage.users(host, pool)
        names: list[str] = []
        if query.contents:
            self._storage.running(host, pool)
            if users:
                raise _in_use(row.name, users, "Remove its volumes from these machines first.")
            names = volumes.names(pool)
        warnings = [] if query.contents else self._check_users(host, pool, users)
        commands = [virsh("vol-delete", "--pool", row.name, name) for name in names]
        commands += [virsh("pool-destroy", row.name)] if row.state != "inactive" else []
        commands += [virsh("pool-delete", row.name)] if query.contents else []
        commands += [virsh("pool-undefine", row.name)] if row.persistent else []
        if query.contents:
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


FORBIDDEN = ("/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr")


def _safely(act: Callable[[str], object], pool: str) -> None:
    try:
        act(pool)
    except Problem:
        log.exception("could not undo the making of a pool")


def _removed(pools: HostPools, pool: str) -> None:
    """Take away what was built; a mount that failed may hold its folder for a moment longer."""
    pause = threading.Event()
    for _ in range(10):
        with contextlib.suppress(Problem):
            pools.delete(pool)
            return
        pause.wait(0.3)
    log.warning("what the pool %s stands on could not be taken away", pool)


def _exists(path: str | None) -> bool:
    try:
        return path is not None and Path(path).exists()
    except PermissionError:
        return True


def _in_use(name: str, users: list[str], cure: str) -> Problem:
    return Problem("in-use", f"The pool {name} is used by {', '.join(users)}.", cure=cure, used_by=users)
