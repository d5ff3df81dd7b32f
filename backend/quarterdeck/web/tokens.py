"""API tokens: `qd_<id>_<secret>`, for scripts, instead of a session. Only a digest of the secret is kept."""

from __future__ import annotations

import builtins
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ..access import Role
from ..model.strict import Value
from ..problems import Problem, field_problem
from ..rescue import spared
from ..store import Store, now
from .roles import Roles

SHAPE = re.compile(r"qd_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
MOST_DAYS = 365
USED_EVERY = timedelta(minutes=1)


class Token(Value):
    """An API token as it is listed. Times are UTC."""

    id: str
    name: str
    user: str
    role: Role
    created: str
    expires: str
    used: str | None = None


class NewToken(Token):
    """A token just made, with its text, which is never shown again."""

    token: str


class Tokens:
    """All API tokens."""

    def __init__(self, store: Store, roles: Roles, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._roles = roles
        self._clock = clock

    def create(self, name: str, user: str, role: Role | None, days: int) -> NewToken:
        """A new token of an account, for at most a year, with its role or a lesser one."""
        own = self._roles.of(user, fresh=True)
        if own is None:
            raise Problem("forbidden", f"The account {user} has no role here.", cure=self._roles.cure())
        if not 1 <= days <= MOST_DAYS:
            raise field_problem("/days", f"A token lives 1 to {MOST_DAYS} days.")
        role = role or own
        if lesser(role, own) != role:
            raise field_problem("/role", f"A token cannot do more than its owner, whose role is “{own}”.")
        identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        expires = (self._clock() + timedelta(days=days)).isoformat(timespec="seconds")
        created = now()
        self._store.write(
            "INSERT INTO tokens (id, digest, name, user, role, created, expires) VALUES (?,?,?,?,?,?,?)",
            (identity, _digest(secret), name, user, role, created, expires),
        )
        text = f"qd_{identity}_{secret}"
        return NewToken(id=identity, name=name, user=user, role=role, created=created, expires=expires, token=text)

    def list(self, user: str | None = None) -> builtins.list[Token]:
        """All tokens, or those of one account, newest first."""
        query = "SELECT * FROM tokens WHERE (? IS NULL OR user = ?) ORDER BY created DESC"
        return [Token.model_validate(row) for row in self._store.read(query, (user, user))]

    def revoke(self, identity: str) -> Token:
        """End a token; it as it was. Problem `not-found` when there is none."""
        row = self._store.read_one("SELECT * FROM tokens WHERE id = ?", (identity,))
        if row is None:
            raise Problem("not-found", f"There is no token {identity}.")
        self._store.write("DELETE FROM tokens WHERE id = ?", (identity,))
        return Token.model_validate(row)

    def find(self, text: str) -> Token | None:
        """The token behind a text, with the role that its owner still has; None when it is not (or no longer) good."""
        match = SHAPE.fullmatch(text)
        row = self._store.read_one("SELECT * FROM tokens WHERE id = ?", (match[1],)) if match else None
        if match is None or row is None or not hmac.compare_digest(row["digest"], _digest(match[2])):
            return None
        token = self._alive(row)
        if token is not None:
            self._note(token)
        return token

    def holds(self, identity: str) -> bool:
        """Whether a token is still good."""
        return self.role(identity) is not None

    def role(self, identity: str) -> Role | None:
        """The role that a token gives now; None when it is no longer good."""
        row = self._store.read_one("SELECT * FROM tokens WHERE id = ?", (identity,))
        token = self._alive(row) if row is not None else None
        return token.role if token else None

    def _alive(self, row: dict[str, str]) -> Token | None:
        token = Token.model_validate(row)
        own = self._roles.of(token.user)
        if own is None or datetime.fromisoformat(token.expires) <= self._clock():
            return None
        return token.model_copy(update={"role": lesser(token.role, own)})

    def _note(self, token: Token) -> None:
        moment = self._clock()
        if token.used is None or moment - datetime.fromisoformat(token.used) > USED_EVERY:
            with spared("when a token was used last"):
                self._store.write("UPDATE tokens SET used = ? WHERE id = ?", (moment.isoformat(), token.id))


def lesser(one: Role, other: Role) -> Role:
    """The role of the two that may do less."""
    return Role.VIEWER if Role.VIEWER in (one, other) else Role.ADMINISTRATOR


def _digest(secret: str) -> str:
    """What is kept of a secret. It is random and long, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
