"""Pools are made in whole or not at all: on one host or several, also over a restart of the service.

What was made is known by its UUID, which is chosen first and stands in the job. A password that is typed becomes a
secret of libvirt, and is nowhere else.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import uuid as uuids
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...hypervisor.pools import PoolRow
from ...hypervisor.pools import Pools as HostPools
from ...jobs import Job, JobHandle, Jobs
from ...model.create import Strict
from ...model.pool import PoolCreate
from ...model.pool_form import pool_types
from ...model.pool_parts import Buildable, HasLogin, PoolSettings
from ...model.storage import Pool
from ...model.xml import dump, parse
from ...plan import Change, Effect, Plan, take_back
from ...problems import FieldError, Problem, field_problem
from ..patience import connected
from ..storage.in_time import in_time
from ..storage.storage import Storage, added
from .commands import TYPE_OF, how, stands_on
from .logins import keep_password, making_commands
from .reach import servers_must_answer

log = logging.getLogger(__name__)
KIND = "pool-create"
NAMED = ("source_device", "source_devices", "source_name", "adapter_name")
"""What a pool stands on; libvirt's errors name it, not its field."""
LOSES = "What {0} holds is lost."
FORBIDDEN = ("/", "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root", "/run", "/sbin", "/sys", "/usr")


class PoolShare(Strict):
    """The same pool on several hosts."""

    hosts: list[str] = Field(min_length=1, max_length=64)
    pool: PoolCreate


@dataclass(frozen=True)
class Making:
    """What a restart needs to see a pool to its end. `fresh`: the hosts where what it stands on is new too."""

    uuid: str
    secret: str | None
    hosts: list[str]
    fresh: list[str]
    start: bool
    autostart: bool


class PoolMaking:
    """Makes pools on one host or several."""

    def __init__(self, hosts: Hosts, storage: Storage, jobs: Jobs) -> None:
        self._hosts = hosts
        self._storage = storage
        self._jobs = jobs
        jobs.adopt(KIND, self._adopt)

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
        return Change(plan, lambda: self._start_job(hosts, body.pool, user, "/pool"))

    def _start_job(self, hosts: list[str], body: PoolSettings, user: User, at: str = "") -> Job:
        making = self._making(hosts, body)
        return self._jobs.start(
            KIND,
            host=hosts[0],
            target=f"pool/{body.name}",
            target_name=body.name,
            user=user.name,
            work=partial(self._create_all, making, body, at),
            params=asdict(making),
        )

    def _making(self, hosts: list[str], body: PoolSettings) -> Making:
        secret = str(uuids.uuid4()) if isinstance(body, HasLogin) and body.password else None
        fresh = [host for host in hosts if _is_fresh(self._hosts.get(host), body)]
        return Making(str(uuids.uuid4()), secret, hosts, fresh, body.start, body.autostart)

    def _create_all(self, making: Making, body: PoolSettings, at: str, handle: JobHandle) -> dict[str, Any]:
        done, hosts = dict[str, str](), making.hosts
        for number, host in enumerate(hosts):
            handle.check()
            handle.progress(number / len(hosts), f"Making the pool on {host}", phase=host, hosts=done)
            try:
                self._make(host, making, body, handle.undo)
            except Problem as problem:
                handle.progress(number / len(hosts), phase=host, hosts=done | {host: problem.detail})
                raised = _at_its_field(body, problem, at)
                told = f"{host}: {problem.detail} Nothing of the pool is left on any host." if len(hosts) > 1 else ""
                raise Problem(
                    problem.slug,
                    told or problem.detail,
                    cure=problem.cure,
                    errors=raised,
                    raw=problem.raw,
                ) from problem
            done = done | {host: "done"}
        handle.progress(1.0, "Made", hosts=done)
        return {"hosts": hosts, "pool": body.name}

    def _create_now(self, host: str, body: PoolSettings) -> Pool:
        with ExitStack() as undo:
            try:
                self._make(host, self._making([host], body), body, undo)
            except Problem as problem:
                problem.errors = _at_its_field(body, problem, "")
                raise
            undo.pop_all()
        return self._storage.pool(host, body.name)

    def _make(self, host: str, making: Making, body: PoolSettings, undo: ExitStack) -> None:
        """Define, build, start; what was done is noted in `undo`."""
        found = self._hosts.get(host)
        if body.start and found.spec.transport == "local" and not found.is_test:
            servers_must_answer(body)
        pools, uuid = found.pools, making.uuid
        if making.secret and isinstance(body, HasLogin):
            keep_password(found, body, making.secret, uuid, undo)
            body = body.model_copy(update={"secret": making.secret})
        pools.define(body.text(uuid))
        undo.callback(take_back, pools.undefine, uuid)
        if body.makes_folder or getattr(body, "build_device", False):
            pools.build(uuid, how(body))
            if host in making.fresh:
                undo.callback(_removed, pools, uuid)
        if body.start:
            pools.start(uuid, wait="for_ever")
            undo.callback(take_back, pools.stop, uuid)
        if body.autostart:
            pools.set_autostart(uuid, True)

    # -- after a restart

    def _adopt(self, job: Job, handle: JobHandle, params: dict[str, Any]) -> dict[str, Any]:
        """A pool that is whole on all its hosts is made; else what was made of it is taken back."""
        making = Making(**params)
        handle.can_cancel(False)
        hosts = [self._hosts.get(name) for name in making.hosts]
        connected(handle, *hosts)
        rows = [self._settled(host, making.uuid, handle) for host in hosts]
        if all(row and (row.state == "running" or not making.start) for row in rows):
            for host in hosts:
                host.pools.set_autostart(making.uuid, making.autostart)
            return {"hosts": making.hosts, "pool": job.target_name}
        for host, row in zip(hosts, rows, strict=True):
            _take_back(host, row, making)
        raise Problem("interrupted", "Quarterdeck was restarted while the pool was made. What was made is removed.")

    def _settled(self, host: Host, uuid: str, handle: JobHandle) -> PoolRow | None:
        """The pool, once libvirt no longer works on it; None where it was not defined."""
        while (row := next((row for row in host.pools.rows() if row.uuid == uuid), None)) and row.state == "building":
            handle.progress(None, f"Waiting for {host.spec.name} to end its work on the pool")
            handle.wait(0.5)
        return row

    # -- planning

    def _plan(self, host: str, body: PoolSettings, at: str = "") -> Plan:
        """What making the pool comes to; Problem at the field that cannot be."""
        found = self._hosts.get(host)
        rows = found.pools.rows()
        if body.name in {row.name for row in rows}:
            taken = FieldError(f"{at}/name", f"The host has a pool “{body.name}” already.")
            raise Problem("name-taken", taken.detail, errors=[taken])
        kinds = pool_types(found.capabilities.pool_xml())
        offered = next(kind for kind in kinds if kind.type == TYPE_OF[type(body)])
        if not offered.available:
            raise Problem("unsupported", offered.reason or "", errors=[FieldError(f"{at}/type", offered.reason or "")])
        self._check_path(host, body, rows, at)
        warnings = [LOSES.format(stands_on(body))] if isinstance(body, Buildable) and body.overwrite else []
        if isinstance(body, HasLogin) and body.password:
            if body.secret:
                raise field_problem(f"{at}/password", "Give the password or the secret that holds it, not both.")
            if found.is_test:
                raise field_problem(f"{at}/password", "A made-up host keeps no secrets.")
            body = body.model_copy(update={"secret": str(uuids.uuid4())})
        return Plan(
            xml_diff=added(dump(type(body).build(body.definition()))),
            commands=making_commands(body),
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
        if self._hosts.get(host).spec.transport == "local":
            _exists(path, at)  # a look that hangs is told before anything is made


def _at_its_field(body: PoolSettings, problem: Problem, at: str) -> tuple[FieldError, ...]:
    """The errors of a refusal, with the field whose value it names where libvirt told none."""
    if problem.errors:
        return tuple(FieldError(at + error.pointer, error.detail) for error in problem.errors)
    for name in NAMED:
        given = getattr(body, name, None)
        for number, value in enumerate(given if isinstance(given, tuple) else [given]):
            if value and str(value).removeprefix("scsi_") in f"{problem.detail} {problem.raw}":
                pointer = f"/{name}/{number}" if isinstance(given, tuple) else f"/{name}"
                return (FieldError(at + pointer, " ".join(filter(None, (problem.detail, problem.cure)))),)
    return ()


def _is_fresh(host: Host, body: PoolSettings) -> bool:
    """Whether what the pool stands on is made new, and goes again where the pool cannot be made."""
    if isinstance(body, Buildable) and body.build_device and not body.makes_folder:
        return True
    path = getattr(body, "path", None)
    if path is None or not body.makes_folder or host.spec.transport != "local":
        return False
    return not _exists(path)


def _take_back(host: Host, row: PoolRow | None, making: Making) -> None:
    if row is not None:
        if row.state != "inactive":
            take_back(host.pools.stop, row.uuid)
        if host.id in making.fresh:
            _removed(host.pools, row.uuid)
        take_back(host.pools.undefine, row.uuid)
    if making.secret:
        with contextlib.suppress(Problem):  # it was not made yet
            host.secrets.remove(making.secret)


def _removed(pools: HostPools, pool: str) -> None:
    """Take away what was built; a mount that failed may hold its folder for a moment longer."""
    pause = threading.Event()
    for _ in range(10):
        with contextlib.suppress(Problem):
            pools.delete(pool)
            return
        pause.wait(0.3)
    log.warning("what the pool %s stands on could not be taken away", pool)


def _exists(path: str, at: str = "") -> bool:
    """Whether this server has the folder; Problem `timed-out` at its field where its file system does not answer."""
    try:
        return in_time(path, Path(path).exists)
    except PermissionError:
        return True
    except Problem as problem:
        cure = "It may be that of a server which is off or cut: bring it back, or choose a folder that lies elsewhere."
        raise Problem(
            problem.slug, problem.detail, cure=cure, errors=[FieldError(f"{at}/path", problem.detail)]
        ) from problem
