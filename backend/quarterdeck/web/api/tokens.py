"""API tokens for scripts."""

from __future__ import annotations

import shlex

from pydantic import ConfigDict, Field

from ...access import Permission, Role, User
from ...model.ssh_key import KeyName
from ...model.strict import Value
from ...plan import Change, Plan
from ...problems import Problem
from ..route import route
from ..session import Sessions
from ..tokens import NewToken, Token


class TokenCreate(Value):
    """A new token. Without a role it gets its owner's; `days` is how long it is good."""

    model_config = ConfigDict(extra="forbid")

    name: KeyName
    role: Role | None = None
    days: int = Field(default=90, ge=1, le=365)


class TokenRoutes:
    """The tokens of all accounts; who may see them may end them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @route("GET", "/tokens", needs=Permission.TOKEN_EDIT)
    def all(self) -> list[Token]:
        """All API tokens without their secret, newest first."""
        return self._sessions.tokens.list()

    @route("POST", "/tokens", needs=Permission.TOKEN_EDIT, status=201)
    def create(self, body: TokenCreate, user: User) -> Change[NewToken]:
        """A new token of one's own account; its text is in this answer only."""
        if user.session.startswith("token:"):
            raise Problem("forbidden", "A token cannot make tokens.", cure="Log in, or use: quarterdeck token create")
        words = ["--user", user.name, "--name", body.name, "--days", str(body.days)]
        words += ["--role", body.role] if body.role else []
        plan = Plan(commands=[f"quarterdeck token create {shlex.join(words)}"])
        return Change(plan, lambda: self._sessions.tokens.create(body.name, user.name, body.role, body.days))

    @route("DELETE", "/tokens/<id>", needs=Permission.TOKEN_EDIT, status=204)
    def delete(self, id: str) -> Change[None]:
        """Revoke a token; what it has open closes."""
        if all(token.id != id for token in self._sessions.tokens.list()):
            raise Problem("not-found", f"There is no token {id}.")
        return Change(Plan(commands=[f"quarterdeck token revoke {id}"]), lambda: self._revoke(id))

    def _revoke(self, identity: str) -> None:
        self._sessions.tokens.revoke(identity)
        self._sessions.end_token(identity)
