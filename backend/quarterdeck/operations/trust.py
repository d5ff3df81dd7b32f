"""How hosts come to trust this server and each other over SSH: guided, shown first, pinned."""

from __future__ import annotations

import shlex

from ..hypervisor.spec import HostSpec
from ..hypervisor.ssh import SshTrust
from ..model.host import HostKeys, HostTrust, HostTrusted, SshAddress
from ..plan import Change, Effect, Plan
from ..problems import Problem


class Trust:
    """Keys of this server and of other hosts."""

    def __init__(self, ssh: SshTrust) -> None:
        self._ssh = ssh

    def keys(self, request: SshAddress) -> HostKeys:
        """What a host shows, and this server's own key. Trusts nothing."""
        key = self._ssh.public_key()
        command = f"mkdir -p -m 700 ~/.ssh && echo {shlex.quote(key)} >> ~/.ssh/authorized_keys"
        return HostKeys(keys=self._ssh.scan(request.address, request.port), public_key=key, command=command)

    def set_up(self, request: HostTrust) -> Change[HostTrusted]:
        """Pin the host's key, and let this server in by its own key; whether that works now."""
        spec = HostSpec("new", "ssh", request.address, request.port, request.user)

        def apply() -> HostTrusted:
            self._ssh.pin(request.address, request.port, request.fingerprint)
            try:
                if request.password is not None:
                    self._ssh.install(spec, request.password.get_secret_value())
            except Problem:
                self._ssh.forget(request.address, request.port)
                raise
            problem = self._ssh.works(spec)
            return HostTrusted(works=problem is None, problem=problem.as_dict() if problem else None)

        where = f"{request.user}@{request.address}"
        commands = [f"ssh-keyscan -p {request.port or 22} {shlex.quote(request.address)} >> known_hosts"]
        if request.password is not None:
            commands.append(f"ssh-copy-id -i id_ed25519.pub -p {request.port or 22} {shlex.quote(where)}")
        return Change(Plan(commands=commands, effects=[Effect(field="host key", when="live")]), apply)
