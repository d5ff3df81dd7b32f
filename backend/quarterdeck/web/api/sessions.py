"""Login, logout, and the sessions that an account has."""

from __future__ import annotations

import flask
from pydantic import Field, SecretStr

from ...access import Permission, User
from ...model.strict import Strict, Value
from ...plan import Change, Plan
from ...problems import Problem
from ..route import JSON, Raw, route
from ..session import COOKIE, DEADLINE, Login, SessionEntry, Sessions, SessionView

LOGIN_SECONDS = 60.0


class Credentials(Strict):
    """Name and password of a system account."""

    username: str = Field(min_length=1, max_length=256)
    password: SecretStr = Field(max_length=4096)


class LogoutQuery(Value):
    """`everywhere` ends all sessions of the account, on other devices too."""

    everywhere: bool = Field(False, description="End all sessions of the account")


def set_cookie(value: str, seconds: int) -> str:
    """The Set-Cookie header of the session; zero seconds removes it."""
    return f"{COOKIE}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict"


class SessionRoutes:
    """Login and logout, and the sessions of one's own account."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @route("POST", "/session", needs=None, answers=SessionView)
    def create(self, body: Credentials, request: flask.Request) -> Raw:
        """Log in with a system account; sets the session's cookie."""
        request.environ.get(DEADLINE, lambda seconds: None)(LOGIN_SECONDS)
        before = self._sessions.login(request.environ)
        browser = request.headers.get("User-Agent", "")
        password, address = body.password.get_secret_value(), request.remote_addr or ""
        cookie, login = self._sessions.enter(body.username, password, address, browser)
        if before is not None and before.csrf is not None:
            self._sessions.leave(before, everywhere=False)
        view = self._sessions.view(login).model_dump_json().encode()
        return Raw(view, JSON, {"Set-Cookie": set_cookie(cookie, self._sessions.most_seconds)})

    @route("GET", "/session", needs=Permission.SESSION)
    def get(self, request: flask.Request) -> SessionView:
        """Who is logged in, with role and permissions."""
        return self._sessions.view(_login(self._sessions, request))

    @route("DELETE", "/session", needs=Permission.SESSION, status=204)
    def delete(self, query: LogoutQuery, request: flask.Request) -> Raw:
        """Log out, here or everywhere; open consoles and pages of the session close."""
        self._sessions.leave(_login(self._sessions, request), everywhere=query.everywhere)
        return Raw(b"", JSON, {"Set-Cookie": set_cookie("", 0)})

    @route("GET", "/sessions", needs=Permission.SESSION)
    def own(self, user: User) -> list[SessionEntry]:
        """One's own sessions, the one used last first."""
        return self._sessions.own(user)

    @route("DELETE", "/sessions/<id>", needs=Permission.SESSION, status=204, logged=False)
    def end(self, id: str, user: User) -> Change[None]:
        """End one of one's own sessions; what it has open closes."""
        entry = next((each for each in self._sessions.own(user) if each.id == id), None)
        if entry is None:
            raise Problem("not-found", "There is no such session of yours; it may have ended.")
        return Change(Plan(), lambda: self._sessions.end(user, entry))


def _login(sessions: Sessions, request: flask.Request) -> Login:
    login = sessions.login(request.environ)
    if login is None:
        raise Problem("not-logged-in", "This needs a login.")
    return login
