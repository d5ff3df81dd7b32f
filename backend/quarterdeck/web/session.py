"""Login with system accounts, sessions that the server keeps, and who is behind a request."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any

import flask

from ..access import Permission, Role, User
from ..audit import Audit
from ..config import Config
from ..model.strict import Value
from ..problems import Problem
from ..rescue import spared
from ..store import Store, now
from .authentication import WORDS, Authenticator, DemoAuthenticator, HelperAuthenticator
from .origin import origin_of, same_origin
from .roles import Roles
from .route import Route
from .throttle import Throttle
from .tokens import Tokens

log = logging.getLogger(__name__)
COOKIE = "__Host-quarterdeck"
FAILURE_SECONDS = 2.0
"""A failed attempt takes at least so long, so that its kind cannot be told from its time."""
BROWSER_LENGTH = 300
"""As much is kept of what a browser calls itself."""
OVERDUE_SECONDS = 30.0
SEEN_EVERY = timedelta(seconds=20)
KEY = "quarterdeck.login"
DEADLINE = "quarterdeck.deadline"


class SessionView(Value):
    """Who is logged in, and what they may do. Send `csrf_token` as X-CSRF-Token with each change."""

    user: str
    role: Role
    permissions: list[Permission]
    csrf_token: str
    idle_seconds: int
    demo: bool


class SessionEntry(Value):
    """A session of one's own: from which address and with which browser, since when, and when it was used last, UTC.

    `current` is the one that asks.
    """

    id: str
    address: str
    browser: str
    created: str
    seen: str
    current: bool


@dataclass(frozen=True)
class Login:
    """Who is behind a request: through a session (with its CSRF token) or an API token (without)."""

    user: User
    csrf: str | None
    id: str


class Sessions:
    """All sessions. Times are counted in UTC; the database keeps only digests of the cookies."""

    def __init__(
        self,
        config: Config,
        store: Store,
        audit: Audit,
        authenticator: Authenticator | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._config = config
        self._store = store
        self._audit = audit
        self.roles = Roles(config)
        self.tokens = Tokens(store, self.roles, clock)
        self._throttle = Throttle()
        self._clock = clock
        self._idle = timedelta(minutes=config.session_idle_minutes)
        self._most = timedelta(hours=config.session_hours)
        self._seen: dict[str, datetime] = {}
        self._on_end: list[Callable[[str], None]] = []
        self._live_tokens: set[str] = set()
        self._lock = threading.Lock()
        given = DemoAuthenticator() if config.demo else HelperAuthenticator(config.auth_socket)
        self._authenticator: Authenticator = authenticator or given

    @property
    def most_seconds(self) -> int:
        """How long a session lasts at most."""
        return int(self._most.total_seconds())

    def on_end(self, act: Callable[[str], None]) -> None:
        """Call this with `User.session` of each session that ends, to close what it has open."""
        self._on_end.append(act)

    # -- who is it

    def login(self, environ: dict[str, Any]) -> Login | None:
        """Who is behind a request, by API token or cookie; looked up once per request."""
        if KEY not in environ:
            environ[KEY] = self._by_token(environ) if "HTTP_AUTHORIZATION" in environ else self._by_cookie(environ)
        found: Login | None = environ[KEY]
        return found

    def known(self, environ: dict[str, Any]) -> bool:
        """Whether somebody is logged in behind a request."""
        return self.login(environ) is not None

    def user(self, request: flask.Request, declared: Route) -> User | None:
        """The user behind a request to a route; Problem when there must be one, or a change comes from elsewhere."""
        login = self.login(request.environ)
        if declared.changes:
            _check_change(request, login)
        if login is None:
            if declared.needs is not None:
                raise Problem("not-logged-in", "This needs a login.")
            return None
        return login.user

    def socket_user(self, request: flask.Request, auth: Any) -> User | None:
        """The user behind a Socket.IO connection, by cookie, header or `auth: {"token"}`."""
        token = auth.get("token") if isinstance(auth, dict) else None
        if isinstance(token, str):
            request.environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        request.environ.pop(KEY, None)  # the socket may be older than the end of its session
        login = self.login(request.environ)
        if login is None:
            return None
        request.environ.get(DEADLINE, lambda seconds: None)(None)
        if login.csrf is None:
            self._live_tokens.add(login.id)
        return login.user

    def still(self, login: Login) -> bool:
        """Whether a login that opened something lasting is still good, in the role that it had."""
        if login.csrf is None:
            return self.tokens.role(login.id) == login.user.role
        row = self._store.read_one("SELECT * FROM sessions WHERE id = ?", (login.id,))
        return row is not None and self._good(row) == login.user.role

    def active(self, login: Login) -> None:
        """The person behind a login did something in what is open, such as a keystroke on a serial line."""
        if login.csrf is not None:
            self._note(login.id)

    def start(self) -> None:
        """Begin to end sessions when their time comes, also those that nobody asks with; they may have pages open."""
        threading.Thread(target=self._watch, daemon=True, name="sessions").start()

    def end_overdue(self) -> None:
        """End the sessions whose time is over, and close what ended tokens have open."""
        for row in self._store.read("SELECT * FROM sessions"):
            self._good(row)
        for identity in [t for t in list(self._live_tokens) if not self.tokens.holds(t)]:
            self._live_tokens.discard(identity)
            self.end_token(identity)

    def _watch(self) -> None:
        while True:
            time.sleep(OVERDUE_SECONDS)
            try:
                self.end_overdue()
            except sqlite3.Error as error:  # the database is closed, or the disk full: sessions are checked on use too
                log.warning("sessions cannot be looked through: %s", error)

    def _by_token(self, environ: dict[str, Any]) -> Login | None:
        scheme, _, text = environ["HTTP_AUTHORIZATION"].partition(" ")
        token = self.tokens.find(text.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            return None
        address = environ.get("REMOTE_ADDR", "")
        return Login(User(token.user, token.role, f"token:{token.id}", address), None, token.id)

    def _by_cookie(self, environ: dict[str, Any]) -> Login | None:
        try:
            morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
        except CookieError:
            return None
        if morsel is None:
            return None
        row = self._store.read_one("SELECT * FROM sessions WHERE id = ?", (_digest(morsel.value),))
        role = self._good(row) if row else None
        if row is None or role is None:
            return None
        if environ.get("HTTP_X_ACTIVITY") != "none" and not environ["PATH_INFO"].endswith("/screenshot"):
            self._note(row["id"])
        user = User(row["user"], role, row["id"][:16], environ.get("REMOTE_ADDR", ""))
        return Login(user, row["csrf"], row["id"])

    def _good(self, row: dict[str, Any]) -> Role | None:
        """The role of a session that is still good; one that is not is ended."""
        moment = self._clock()
        role = self.roles.of(row["user"])
        over = moment - datetime.fromisoformat(row["created"]) > self._most or moment - self._used(row) > self._idle
        if over or role is None:
            self._end([row], "ended after its time" if role else "the account lost its role")
            return None
        return role

    def _used(self, row: dict[str, Any]) -> datetime:
        return max(datetime.fromisoformat(row["seen"]), self._seen.get(row["id"], datetime.min.replace(tzinfo=UTC)))

    def _note(self, identity: str) -> None:
        """A person did something: the idle time starts anew. Written to the disk only now and then."""
        moment = self._clock()
        with self._lock:
            written = self._seen.get(identity)
            if written is not None and moment - written < SEEN_EVERY:
                return
            self._seen[identity] = moment
        with spared("when a session was used last"):
            self._store.write("UPDATE sessions SET seen = ? WHERE id = ?", (moment.isoformat(), identity))

    # -- in and out

    def enter(self, name: str, password: str, address: str, browser: str = "") -> tuple[str, Login]:
        """A new session: the cookie's value and who is behind it. Problem when there is none for this account."""
        started = time.monotonic()
        try:
            with self._throttle.attempt(name, address):
                user = self._checked(name, password, address)
        except Problem as problem:
            if problem.slug != "too-many-attempts":  # as many as a stranger likes to send
                self._audit.add(name[:64], "login", problem.slug, address=address, detail=problem.detail)
            if problem.slug == "login-failed":
                time.sleep(max(0.0, FAILURE_SECONDS - (time.monotonic() - started)))
            raise
        self._throttle.succeeded(name, address)
        cookie, login = self._begin(user, browser)
        self._audit.add(user.name, "login", "ok", address=address)
        return cookie, login

    def leave(self, login: Login, *, everywhere: bool) -> None:
        """End this session, or all of this account. What they have open is closed."""
        query = "SELECT * FROM sessions WHERE user = ?" if everywhere else "SELECT * FROM sessions WHERE id = ?"
        rows = self._store.read(query, (login.user.name if everywhere else login.id,))
        self._end(rows, "everywhere" if everywhere else "", act="logout", address=login.user.address)

    def own(self, user: User) -> list[SessionEntry]:
        """The sessions of an account that are still good, the one used last first."""
        rows = self._store.read("SELECT * FROM sessions WHERE user = ?", (user.name,))
        entries = [self._entry(row, user) for row in rows if self._good(row)]
        return sorted(entries, key=lambda entry: entry.seen, reverse=True)

    def end(self, user: User, entry: SessionEntry) -> None:
        """End one of an account's own sessions, and close what it has open."""
        query = "SELECT * FROM sessions WHERE user = ? AND substr(id, 1, 16) = ?"
        rows = self._store.read(query, (user.name, entry.id))
        self._end(rows, f"the session from {entry.address}", act="session", address=user.address)

    def _entry(self, row: dict[str, Any], user: User) -> SessionEntry:
        identity, names = row["id"][:16], ("address", "browser", "created")
        seen = self._used(row).isoformat()
        return SessionEntry(id=identity, seen=seen, current=identity == user.session, **{n: row[n] for n in names})

    def end_token(self, identity: str) -> None:
        """Close what an API token has open, after it was revoked."""
        for act in self._on_end:
            act(f"token:{identity}")

    def view(self, login: Login) -> SessionView:
        """What a page needs to know about its session."""
        return SessionView(
            user=login.user.name,
            role=login.user.role,
            permissions=sorted(login.user.permissions),
            csrf_token=login.csrf or "",
            idle_seconds=int(self._idle.total_seconds()),
            demo=self._config.demo,
        )

    def _checked(self, name: str, password: str, address: str) -> User:
        if name == "root" and not self._config.allow_root:
            raise Problem("forbidden", NO_ROOT, cure="Log in with an account of your own, or set allow_root = true.")
        verdict = self._authenticator.attempt(name, password, address)
        if verdict.name is None:
            if verdict.why in WORDS:
                words, cure = WORDS[verdict.why]
                raise Problem("forbidden", words, cure=cure)
            self._throttle.failed(name, address)
            raise Problem("login-failed", "The name or the password is not right.")
        if verdict.name == "root" and not self._config.allow_root:
            raise Problem("forbidden", NO_ROOT, cure="Log in with an account of your own, or set allow_root = true.")
        role = self.roles.of(verdict.name, fresh=True)
        if role is None:
            words = f"The account {verdict.name} is right, but is in no group that may use Quarterdeck."
            raise Problem("forbidden", words, cure=self.roles.cure())
        return User(verdict.name, role, "", address)

    def _begin(self, user: User, browser: str) -> tuple[str, Login]:
        cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        identity, moment = _digest(cookie), self._clock().isoformat()
        self._store.write(
            "INSERT INTO sessions (id, user, role, csrf, address, created, seen, checked, browser) "
            "VALUES (?,?,?,?,?,?,?,?,?)",
            (identity, user.name, user.role, csrf, user.address, moment, moment, now(), browser[:BROWSER_LENGTH]),
        )
        self._sweep()
        return cookie, Login(User(user.name, user.role, identity[:16], user.address), csrf, identity)

    def _sweep(self) -> None:
        """Forget sessions that nobody came back to."""
        oldest = (self._clock() - self._most).isoformat()
        self._store.write("DELETE FROM sessions WHERE created < ?", (oldest,))

    def _end(self, rows: list[dict[str, Any]], why: str, act: str = "session", address: str = "") -> None:
        for row in rows:
            if not self._store.write("DELETE FROM sessions WHERE id = ?", (row["id"],)):
                continue  # somebody else ended it at the same moment
            self._seen.pop(row["id"], None)
            self._audit.add(row["user"], act, "ok", address=address or row["address"], detail=why or None)
            for tell in self._on_end:
                tell(row["id"][:16])


NO_ROOT = "The account root may not log in here."


def _check_change(request: flask.Request, login: Login | None) -> None:
    """Problem `wrong-origin` unless a change comes from our own page, or from a script that proves itself."""
    environ = request.environ
    if login is not None and login.csrf is None:
        return  # an API token: no browser adds it by itself
    foreign = origin_of(environ) is not None or "HTTP_SEC_FETCH_SITE" in environ
    if foreign and not same_origin(environ):
        raise Problem("wrong-origin", "The request names another origin than this address.")
    if login is not None and not hmac.compare_digest(
        environ.get("HTTP_X_CSRF_TOKEN", "").encode(), (login.csrf or "").encode()
    ):
        if request.path.endswith("/session") and request.method == "POST":
            return  # a login replaces the session and needs nothing of it
        raise Problem("wrong-origin", "The header X-CSRF-Token is missing or not this session's.")


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
