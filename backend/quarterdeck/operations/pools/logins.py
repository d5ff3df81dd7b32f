"""Passwords of storage servers: what is typed becomes a secret of libvirt, which goes with its pool."""

from __future__ import annotations

import contextlib
import uuid as uuids
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from ...hypervisor.host import Host
from ...model.pool_parts import HasLogin, PoolSettings
from ...model.secret import PURPOSE, pool_secret
from ...model.xml import parse
from ...plan import take_back
from ...problems import Problem, field_problem
from .commands import making


@dataclass(frozen=True)
class LoginChange:
    """The body with the secret that it names then: a `fresh` one, or the pool's own with a `renewed` value."""

    host: Host
    pool: str
    before: str
    body: PoolSettings
    fresh: str | None = None
    renewed: str | None = None

    def commands(self) -> Iterator[str]:
        """What virsh would be told; it asks for the password itself."""
        if self.fresh:
            yield "virsh secret-define /dev/stdin"
        if uuid := self.fresh or self.renewed:
            yield f"virsh secret-set-value {uuid} --interactive"

    def prepare(self, undo: ExitStack) -> None:
        """Before the pool names it."""
        if self.fresh and isinstance(self.body, HasLogin):
            keep_password(self.host, self.body, self.fresh, self.pool, undo)

    def finish(self) -> None:
        """Once nothing else can fail: a value that was replaced cannot be had back."""
        if self.renewed and isinstance(self.body, HasLogin):
            self.host.secrets.set_value(self.renewed, self.body.secret_value() or b"")
        elif _named(self.before) != getattr(self.body, "secret", None):
            drop_password(self.host, self.pool, self.before)


def login_change(host: Host, pool: str, body: PoolSettings, before: str) -> LoginChange:
    """How the login of a pool changes; Problem where the password would go into somebody else's secret."""
    if not isinstance(body, HasLogin) or body.password is None:
        return LoginChange(host, pool, before, body)
    if host.is_test:
        raise field_problem("/password", "A made-up host keeps no secrets.")
    old = _named(before)
    own = old is not None and _is_own(host, old, pool)
    if own and body.secret in (None, old):
        return LoginChange(host, pool, before, body.model_copy(update={"secret": old}), renewed=old)
    if own or body.secret:
        raise field_problem("/password", "Leave the secret empty: then the password gets one of its own.")
    fresh = str(uuids.uuid4())
    return LoginChange(host, pool, before, body.model_copy(update={"secret": fresh}), fresh=fresh)


def making_commands(body: PoolSettings) -> list[str]:
    """The equal commands; a password is asked for by virsh."""
    kept = isinstance(body, HasLogin) and body.password
    secret = body.secret if isinstance(body, HasLogin) else None
    first = ["virsh secret-define /dev/stdin", f"virsh secret-set-value {secret} --interactive"] if kept else []
    return [*first, *making(body)]


def keep_password(host: Host, body: HasLogin, secret: str, pool: str, undo: ExitStack) -> None:
    """Let libvirt keep the password that was typed for a pool."""
    host.secrets.define(pool_secret(secret, body.usage, body.name, pool))
    undo.callback(take_back, host.secrets.remove, secret)
    host.secrets.set_value(secret, body.secret_value() or b"")


def drop_password(host: Host, pool: str, xml: str) -> None:
    """Forget the secret that was made for a pool; one that is somebody else's stays."""
    uuid = _named(xml)
    if uuid is not None and _is_own(host, uuid, pool):
        host.secrets.remove(uuid)


def _named(xml: str) -> str | None:
    secret = parse(xml).find("source/auth/secret")
    return secret.get("uuid") if secret is not None else None


def _is_own(host: Host, secret: str, pool: str) -> bool:
    with contextlib.suppress(Problem):  # there is none of this UUID any more
        return not host.is_test and host.secrets.usage(secret) == PURPOSE + pool
    return False
