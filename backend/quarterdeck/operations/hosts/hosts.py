"""The hosts as people see them, adding one and forgetting one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from ...access import Permission, Role, refusal
from ...config import Config
from ...hypervisor import host as hypervisor
from ...hypervisor.hosts import Hosts
from ...hypervisor.spec import LOCAL_ID, HostSpec, Reach
from ...hypervisor.ssh import SshTrust, known_name
from ...jobs import Job, Jobs
from ...model.host import Host, HostAdd, HostPatch
from ...plan import Change, Effect, Plan
from ...problems import Problem
from ...store import Store
from ..inventory.inventory import Inventory


def ssh_trust(config: Config) -> SshTrust:
    """The SSH key of this server and the host keys that it trusts."""
    return SshTrust(config.state_dir / "ssh")


def reach(config: Config) -> Reach:
    """How the settings let hosts be reached."""
    ssh, certificates = ssh_trust(config), config.host_certificate_dir
    return Reach(
        allow_tcp=config.allow_tcp_hosts,
        ssh_key=ssh.key,
        ssh_client=ssh.client,
        known_hosts=ssh.known_hosts,
        certificates=certificates if (certificates / "cacert.pem").exists() else None,
    )


IN_SETTINGS = "It stands in the settings of this server (quarterdeck.toml): change it there, then restart the service."


class HostRows:
    """Hosts that people added."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, host_id: str, spec: dict[str, Any]) -> None:
        """Keep a host."""
        self._store.write("INSERT OR REPLACE INTO hosts (id, spec) VALUES (?,?)", (host_id, json.dumps(spec)))

    def remove(self, host_id: str) -> None:
        """Forget a host."""
        self._store.write("DELETE FROM hosts WHERE id=?", (host_id,))

    def ids(self) -> list[str]:
        """The ids of all added hosts."""
        return [row["id"] for row in self._store.read("SELECT id FROM hosts")]

    def all(self) -> list[dict[str, Any]]:
        """The specs of all added hosts."""
        return [json.loads(row["spec"]) for row in self._store.read("SELECT spec FROM hosts ORDER BY id")]


class HostDirectory:
    """All hosts, with their state."""

    def __init__(self, hosts: Hosts, inventory: Inventory, jobs: Jobs, rows: HostRows, ssh: SshTrust) -> None:
        self.ssh = ssh
        self._hosts = hosts
        self._inventory = inventory
        self._jobs = jobs
        self._rows = rows

    def all(self, role: Role) -> list[Host]:
        """All hosts, the local one first."""
        return [self._view(host, role) for host in self._hosts.all()]

    def get(self, host: str, role: Role) -> Host:
        """One host; Problem `not-found`."""
        return self._view(self._hosts.get(host), role)

    def find(self, host: str, role: Role) -> Host | None:
        """One host, or None when it was removed."""
        try:
            return self.get(host, role)
        except Problem:
            return None

    def add(self, request: HostAdd, role: Role) -> Change[Host]:
        """Connect to another host, and remember it."""
        spec = HostSpec(request.name, request.transport, request.address, request.port, request.user)
        uri = self._hosts.check(spec)

        def apply() -> Host:
            host = self._hosts.add(spec)
            try:
                self._rows.put(host.id, request.model_dump())
            except Exception:
                self._hosts.remove(host.id)
                raise
            return self._view(host, role)

        return Change(Plan(commands=[f"virsh -c '{uri}' hostname"]), apply)

    def edit(self, host: str, request: HostPatch, if_match: str, role: Role) -> Change[Host]:
        """Reach a host in another way, and remember that."""
        found = self._changeable(host)
        before = found.spec
        if if_match not in ("*", _etag(before)):
            raise Problem(
                "changed-meanwhile",
                f"{before.name} is not reached in the way that you looked at: somebody changed it meanwhile.",
            )
        spec = replace(before, **request.model_dump(exclude_unset=True))
        if spec.transport != "ssh":
            spec = replace(spec, user=None)
        uri = self._hosts.uri(spec)

        def apply() -> Host:
            self._rows.put(host, asdict(spec))
            self._hosts.move(host, spec)
            self._untrust(before)
            return self._view(found, role)

        return Change(
            Plan(
                commands=[f"virsh -c '{uri}' hostname"],
                effects=[Effect(field=name, when="live") for name in _changed(before, spec)],
                notes=["It is connected anew. Its machines run on."],
            ),
            apply,
        )

    def remove(self, host: str) -> Change[None]:
        """Forget a host. Its machines run on."""
        found = self._changeable(host)

        def apply() -> None:
            self._hosts.remove(host)
            self._rows.remove(host)
            self._untrust(found.spec)

        return Change(Plan(warnings=["Its machines run on; only Quarterdeck forgets the host."]), apply)

    def retry(self, host: str, role: Role) -> Change[Host]:
        """Try to connect at once."""
        found = self._hosts.get(host)

        def apply() -> Host:
            self._hosts.readdress(host)
            found.retry()
            return self._view(found, role)

        return Change(Plan(effects=[Effect(field="state", when="live")]), apply)

    def _changeable(self, host: str) -> hypervisor.Host:
        """A host that may go or change now; else the Problem that tells why not."""
        found = self._hosts.get(host)
        fixed = self._fixed(found)
        if fixed:
            raise Problem("in-use", fixed)
        job = next((each for each in self._jobs.list() if not each.over and _works_on(each, host)), None)
        if job:
            cure = "Wait for its end, or cancel it, then try again."
            raise Problem("busy", f"A job ({job.kind}) works on {found.spec.name} just now.", cure=cure, job=job.id)
        return found

    def _fixed(self, host: hypervisor.Host) -> str | None:
        if host.id == LOCAL_ID:
            return "The local host always stays."
        return None if host.id in self._rows.ids() else IN_SETTINGS

    def _untrust(self, spec: HostSpec) -> None:
        """Forget the key of the SSH server at an address at which no host is reached any more."""
        others = {known_name(each.spec.address, each.spec.port) for each in self._hosts.all() if _by_ssh(each.spec)}
        if _by_ssh(spec) and known_name(spec.address, spec.port) not in others:
            self.ssh.pin(spec.address, spec.port, [])

    def _view(self, host: hypervisor.Host, role: Role) -> Host:
        domains, running = self._inventory.counts(host.id)
        spec = host.spec
        facts = host.facts.model_dump() if host.state == "connected" else {}
        edit = refusal(role, Permission.HOST_EDIT)
        fixed = edit or self._fixed(host)
        return Host(
            **facts,
            id=host.id,
            etag=_etag(spec),
            name=spec.name,
            transport=spec.transport,
            address=spec.address or None,
            port=spec.port,
            user=spec.user,
            clock_seconds=host.pulse.clock_seconds,
            state=host.state,
            problem=host.problem.as_dict() if host.problem else None,
            domains=domains,
            running=running,
            actions={
                "edit": fixed,
                "remove": fixed,
                "retry": edit or ("It is connected." if host.state == "connected" else None),
                "trust": edit or _untrustable(host),
                "create": refusal(role, Permission.DOMAIN_CREATE)
                or (None if host.state == "connected" else "The host is not connected."),
            },
        )


def _etag(spec: HostSpec) -> str:
    return hashlib.sha256(json.dumps(asdict(spec)).encode()).hexdigest()[:24]


def _changed(before: HostSpec, after: HostSpec) -> list[str]:
    old, new = asdict(before), asdict(after)
    return [name for name in old if old[name] != new[name]]


def _by_ssh(spec: HostSpec) -> bool:
    return spec.transport == "ssh"


def _works_on(job: Job, host: str) -> bool:
    """Whether it needs the host; of several machines that move, too, while none of them is on its way."""
    asked = job.details.get("asked", {})
    return host in (job.host, asked.get("move", asked).get("destination"))


def _untrustable(host: hypervisor.Host) -> str | None:
    if not _by_ssh(host.spec):
        return "Only hosts that are reached by SSH have such a key."
    return "It is connected: its key is trusted." if host.state == "connected" else None
