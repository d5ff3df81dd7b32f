"""The hosts as people see them, adding one and forgetting one."""

from __future__ import annotations

import json
from typing import Any

from ...access import Permission, Role, refusal
from ...config import Config
from ...hypervisor import host as hypervisor
from ...hypervisor.hosts import Hosts
from ...hypervisor.spec import LOCAL_ID, HostSpec, Reach
from ...hypervisor.ssh import SshTrust
from ...model.host import Host, HostAdd
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

    def all(self) -> list[dict[str, Any]]:
        """The specs of all added hosts."""
        return [json.loads(row["spec"]) for row in self._store.read("SELECT spec FROM hosts ORDER BY id")]


class HostDirectory:
    """All hosts, with their state."""

    def __init__(self, hosts: Hosts, inventory: Inventory, rows: HostRows, ssh: SshTrust) -> None:
        self.ssh = ssh
        self._hosts = hosts
        self._inventory = inventory
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

    def remove(self, host: str) -> Change[None]:
        """Forget a host. Its machines run on."""
        found = self._hosts.get(host)
        if found.id == LOCAL_ID:
            raise Problem("in-use", "The local host always stays.")

        def apply() -> None:
            self._hosts.remove(host)
            self._rows.remove(host)
            if found.spec.transport == "ssh":
                self.ssh.pin(found.spec.address, found.spec.port, [])

        return Change(Plan(warnings=["Its machines run on; only Quarterdeck forgets the host."]), apply)

    def retry(self, host: str, role: Role) -> Change[Host]:
        """Try to connect at once."""
        found = self._hosts.get(host)

        def apply() -> Host:
            self._hosts.readdress(host)
            found.retry()
            return self._view(found, role)

        return Change(Plan(effects=[Effect(field="state", when="live")]), apply)

    def _view(self, host: hypervisor.Host, role: Role) -> Host:
        domains, running = self._inventory.counts(host.id)
        spec = host.spec
        facts = host.facts.model_dump() if host.state == "connected" else {}
        edit = refusal(role, Permission.HOST_EDIT)
        return Host(
            **facts,
            id=host.id,
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
                "remove": edit or ("The local host always stays." if host.id == LOCAL_ID else None),
                "retry": edit or ("It is connected." if host.state == "connected" else None),
                "trust": edit or _untrustable(host),
                "create": refusal(role, Permission.DOMAIN_CREATE)
                or (None if host.state == "connected" else "The host is not connected."),
            },
        )


def _untrustable(host: hypervisor.Host) -> str | None:
    if host.spec.transport != "ssh":
        return "Only hosts that are reached by SSH have such a key."
    return "It is connected: its key is trusted." if host.state == "connected" else None
