"""How hosts come to trust this server and each other over SSH: guided, shown first, pinned."""

from __future__ import annotations

import difflib
import shlex

from ...hypervisor.hosts import Hosts
from ...hypervisor.spec import HostSpec
from ...hypervisor.ssh import SshTrust, fingerprint
from ...model.host import HostKeys, HostTrust, HostTrusted, OwnKey, SshAddress
from ...plan import Change, Effect, Plan
from ...problems import Problem, field_problem

NOT_THE_TRUSTED = (
    "This is not the key that was trusted until now. Either the host was set up anew, or somebody stands in between: "
    "compare it on the host itself first."
)


class Trust:
    """Keys of this server and of other hosts."""

    def __init__(self, ssh: SshTrust, hosts: Hosts) -> None:
        self._ssh = ssh
        self._hosts = hosts

    def keys(self, request: SshAddress) -> HostKeys:
        """What a host shows, and this server's own key. Trusts nothing."""
        own = self._own_keys()
        shown = self._ssh.scan(request.address, request.port)
        return HostKeys(keys=shown, own_keys=own, public_key=own[0].line, command=own[0].command)

    def _own_keys(self) -> list[OwnKey]:
        return [_own_key(line, made=place == 0) for place, line in enumerate(self._ssh.public_keys())]

    def _chosen(self, wanted: str | None) -> OwnKey:
        own = self._own_keys()
        chosen = next((key for key in own if wanted in (None, key.fingerprint)), None)
        if chosen is None:
            raise field_problem("/key", "This server has no key of this fingerprint.", cure="Look at its keys again.")
        return chosen

    def set_up(self, request: HostTrust) -> Change[HostTrusted]:
        """Pin the host's key, and let this server in by its own key; whether that works now."""
        spec = HostSpec("new", "ssh", request.address, request.port, request.user)

        own = self._chosen(request.key)
        key = self._ssh.shown(request.address, request.port, request.fingerprint)
        before = self._ssh.pinned_lines(request.address, request.port)

        def apply() -> HostTrusted:
            self._ssh.pin(request.address, request.port, [key.line])
            try:
                if request.password is not None:
                    self._ssh.install(spec, request.password.get_secret_value(), own.line)
            except Problem:
                self._ssh.pin(request.address, request.port, before)
                raise
            problem = self._ssh.works(spec)
            self._again(spec)
            return HostTrusted(works=problem is None, problem=problem.as_dict() if problem else None)

        where = f"{request.user}@{request.address}"
        commands = [f"ssh-keyscan -p {request.port or 22} {shlex.quote(request.address)} >> known_hosts"]
        if request.password is not None:
            commands.append(f"ssh-copy-id -p {request.port or 22} {shlex.quote(where)}  # {own.line}")
        changed = [line for line in before if line.split()[1:3] != key.line.split()[1:3]]
        plan = Plan(
            file_diff="" if before == [key.line] else _diff(before, key.line),
            commands=commands,
            effects=[Effect(field="host key", when="live")],
            warnings=[NOT_THE_TRUSTED] if changed else [],
        )
        return Change(plan, apply)

    def _again(self, spec: HostSpec) -> None:
        """Let the hosts that stand at this address be tried with what is trusted now."""
        for host in self._hosts.all():
            if (host.spec.transport, host.spec.address, host.spec.port) == ("ssh", spec.address, spec.port):
                self._hosts.readdress(host.id)
                host.retry()


def _own_key(line: str, *, made: bool) -> OwnKey:
    command = f"mkdir -p -m 700 ~/.ssh && echo {shlex.quote(line)} >> ~/.ssh/authorized_keys"
    return OwnKey(
        type=line.split(maxsplit=1)[0], fingerprint=fingerprint(line)[1], made=made, line=line, command=command
    )


def _diff(before: list[str], line: str) -> str:
    lines = difflib.unified_diff(before, [line], "known_hosts", "known_hosts (new)", n=1, lineterm="")
    return "".join(f"{each}\n" for each in lines)
