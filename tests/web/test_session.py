"""Login, sessions, roles, CSRF, throttle and tokens, through the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.access import Permission, Role
from quarterdeck.app import create_app
from quarterdeck.audit import Audit
from quarterdeck.config import Config
from quarterdeck.problems import Problem
from quarterdeck.store import Store
from quarterdeck.web.authentication import DemoAuthenticator, Verdict
from quarterdeck.web.roles import Roles
from quarterdeck.web.session import COOKIE, KEY, Sessions
from quarterdeck.web.throttle import Throttle
from tests.conftest import ORIGIN, Client

SESSION = "/api/v1/session"
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return self.now

    def tick(self) -> float:
        return self.seconds

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.seconds += timedelta(**span).total_seconds()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(tmp_path: Path, clock: Clock) -> Sessions:
    store = Store(tmp_path / "db")
    return Sessions(Config(demo=True), store, Audit(store), DemoAuthenticator(), clock)


def environ(cookie: str, **more: str) -> dict[str, Any]:
    return {"HTTP_COOKIE": f"{COOKIE}={cookie}", "PATH_INFO": "/", "REMOTE_ADDR": "192.0.2.1"} | more


@pytest.mark.parametrize("hours", [1, 30])
def test_the_cookie_lives_as_long_as_a_session_may(config: Config, host_file: Path, hours: int) -> None:
    app = create_app(config.model_copy(update={"session_hours": hours}))
    app.test_client_class = Client
    answer = app.test_client().post(SESSION, json={"username": "demo", "password": "demo"})
    app.extensions["quarterdeck"].close()
    assert f"Max-Age={hours * 3600};" in answer.headers["Set-Cookie"]


def test_login_gives_a_host_only_cookie_a_csrf_token_and_the_role(stranger: Client) -> None:
    answer = stranger.post(SESSION, json={"username": "demo", "password": "demo"})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-quarterdeck=")
    for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert word in cookie
    assert answer.json["user"] == "demo"
    assert answer.json["role"] == "administrator"
    assert set(answer.json["permissions"]) == set(Permission)
    assert answer.json["csrf_token"]
    assert answer.json["idle_seconds"] == 900


def test_nobody_is_logged_in_before(stranger: Client) -> None:
    answer = stranger.get(SESSION)
    assert answer.status_code == 401
    assert answer.json["type"] == "/problems/not-logged-in"


def test_each_login_gets_a_new_session_and_ends_the_old_one(client: Client, stranger: Client) -> None:
    old = client.get_cookie(COOKIE, domain="localhost")
    client.login()
    new = client.get_cookie(COOKIE, domain="localhost")
    assert old is not None
    assert new is not None
    assert old.value != new.value
    client.set_cookie(COOKIE, old.value, domain="localhost", secure=True)
    assert client.get(SESSION).status_code == 401


def test_login_from_another_site_is_refused(stranger: Client) -> None:
    answer = stranger.post(
        SESSION, json={"username": "demo", "password": "demo"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert answer.json["type"] == "/problems/wrong-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://localhost:8443"},
        {"Origin": "http://localhost"},
        {"Origin": "null"},
        {"X-CSRF-Token": "wrong"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": None, "Referer": "https://evil.example/page"},
    ],
)
def test_change_from_elsewhere_is_refused(client: Client, headers: dict[str, str | None]) -> None:
    answer = client.delete(SESSION, headers=headers)
    assert answer.status_code == 403
    assert client.get(SESSION).status_code == 200


def test_script_without_origin_needs_the_token_only(client: Client) -> None:
    assert client.delete(SESSION, headers={"Origin": None}).status_code == 204


def test_logout_ends_the_session(client: Client) -> None:
    answer = client.delete(SESSION)
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert client.get(SESSION).status_code == 401


def test_logout_everywhere_ends_the_sessions_on_other_devices(client: Client) -> None:
    other = client.application.test_client()
    assert isinstance(other, Client)
    other.login()
    assert client.delete(f"{SESSION}?everywhere=true").status_code == 204
    assert other.get(SESSION).status_code == 401


def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(client: Client, app: Any, service: Any) -> None:
    elsewhere = app.test_client()
    elsewhere.post(SESSION, json={"username": "demo", "password": "demo"}, headers={"User-Agent": "Firefox/1.0"})
    _cookie, other = service.sessions.enter("demo", "demo", "192.0.2.9")
    service.store.write("UPDATE sessions SET user = 'other' WHERE id = ?", (other.id,))
    listed = client.get("/api/v1/sessions").json
    assert [(entry["browser"], entry["current"]) for entry in listed if entry["browser"] == "Firefox/1.0"] == [
        ("Firefox/1.0", False)
    ]
    assert sum(entry["current"] for entry in listed) == 1
    assert other.user.session not in [entry["id"] for entry in listed]
    assert client.delete(f"/api/v1/sessions/{other.user.session}").status_code == 404
    gone = next(entry for entry in listed if entry["browser"] == "Firefox/1.0")
    assert client.delete(f"/api/v1/sessions/{gone['id']}?dry_run=true").status_code == 200
    assert elsewhere.get(SESSION).status_code == 200
    assert client.delete(f"/api/v1/sessions/{gone['id']}").status_code == 204
    assert elsewhere.get(SESSION).status_code == 401
    assert client.get(SESSION).status_code == 200
    entry = service.audit.entries(limit=1)[0]
    assert (entry["user"], entry["act"], entry["detail"]) == ("demo", "session", f"the session from {gone['address']}")
    assert {entry["detail"] for entry in service.audit.entries() if entry["act"] == "login"} == {None}


def test_session_ends_after_idle_time(sessions: Sessions, clock: Clock) -> None:
    cookie, _ = sessions.enter("demo", "demo", "192.0.2.1")
    clock.wait(minutes=14)
    assert sessions.login(environ(cookie)) is not None
    clock.wait(minutes=14)
    assert sessions.login(environ(cookie, HTTP_X_ACTIVITY="none")) is not None
    clock.wait(minutes=2)
    assert sessions.login(environ(cookie)) is None


def test_session_ends_after_twelve_hours_whatever_is_done(sessions: Sessions, clock: Clock) -> None:
    cookie, _ = sessions.enter("demo", "demo", "192.0.2.1")
    for _ in range(72):
        clock.wait(minutes=10)
        sessions.login(environ(cookie))
    clock.wait(minutes=1)
    assert sessions.login(environ(cookie)) is None


def test_what_a_session_has_open_is_told_of_its_end(sessions: Sessions) -> None:
    ended: list[str] = []
    sessions.on_end(ended.append)
    _, login = sessions.enter("demo", "demo", "192.0.2.1")
    sessions.leave(login, everywhere=False)
    assert ended == [login.user.session]
    assert not sessions.still(login)


def test_cookie_is_not_kept_in_clear(sessions: Sessions, tmp_path: Path) -> None:
    cookie, _ = sessions.enter("demo", "demo", "192.0.2.1")
    for path in tmp_path.iterdir():
        assert cookie.encode() not in path.read_bytes()


def test_session_of_an_account_that_lost_its_groups_ends_within_a_minute(
    sessions: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, _ = sessions.enter("demo", "demo", "192.0.2.1")
    monkeypatch.setattr(sessions.roles, "of", lambda name, fresh=False: None)
    assert sessions.login(environ(cookie)) is None


class Says:
    """The helper's verdict, given."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def attempt(self, name: str, password: str, address: str) -> Verdict:
        return self.verdict


def refusal(tmp_path: Path, verdict: Verdict, name: str = "somebody", **settings: Any) -> Problem:
    store = Store(tmp_path / "db")
    sessions = Sessions(Config(**settings), store, Audit(store), Says(verdict))
    with pytest.raises(Problem) as refused:
        sessions.enter(name, "x", "192.0.2.1")
    assert Audit(store).entries()[0]["result"] == refused.value.slug
    return refused.value


def test_account_without_group_is_told_which_group_cures_it(tmp_path: Path) -> None:
    problem = refusal(
        tmp_path, Verdict("nobody"), administrator_groups=("deck-admins",), viewer_groups=("deck-viewers",)
    )
    assert problem.slug == "forbidden"
    assert "deck-admins" in (problem.cure or "")
    assert "deck-viewers" in (problem.cure or "")


def test_root_is_refused_with_words(tmp_path: Path) -> None:
    problem = refusal(tmp_path, Verdict("root"), "root")
    assert problem.slug == "forbidden"
    assert "root" in problem.detail


def test_wrong_and_unknown_look_the_same_and_expired_is_told_to_its_owner(tmp_path: Path) -> None:
    assert refusal(tmp_path, Verdict(None, "credentials")).slug == "login-failed"
    assert "expired" in refusal(tmp_path, Verdict(None, "expired")).detail


def test_roles_come_from_groups() -> None:
    config = Config(administrator_groups=("root",), viewer_groups=("nogroup",))
    assert Roles(config).of("root") == Role.ADMINISTRATOR
    assert Roles(config).of("nobody") == Role.VIEWER
    assert Roles(config).of("no-such-account-here") is None


def test_wrong_passwords_slow_down_and_never_lock_out(clock: Clock) -> None:
    throttle = Throttle(clock.tick)
    for _ in range(3):
        with throttle.attempt("somebody", "192.0.2.1"):
            throttle.failed("somebody", "192.0.2.1")
    with pytest.raises(Problem) as refused, throttle.attempt("somebody", "192.0.2.1"):
        pass
    assert refused.value.status == 429
    assert refused.value.extra["retry_after"] >= 1
    with throttle.attempt("somebody", "192.0.2.2"):
        pass
    clock.wait(seconds=2)
    with throttle.attempt("somebody", "192.0.2.1"):
        throttle.succeeded("somebody", "192.0.2.1")


def test_one_address_has_ten_attempts_then_five_a_minute(clock: Clock) -> None:
    throttle = Throttle(clock.tick)
    for number in range(10):
        with throttle.attempt(f"name{number}", "192.0.2.1"):
            pass
    with pytest.raises(Problem), throttle.attempt("other", "192.0.2.1"):
        pass
    clock.wait(seconds=12)
    with throttle.attempt("other", "192.0.2.1"):
        pass


def test_ten_attempts_at_once_are_enough(clock: Clock) -> None:
    throttle = Throttle(clock.tick)
    held = [throttle.attempt("name", f"192.0.2.{n}") for n in range(10)]
    for attempt in held:
        attempt.__enter__()
    with pytest.raises(Problem) as refused, throttle.attempt("name", "192.0.2.99"):
        pass
    assert refused.value.slug == "too-many-attempts"
    held[0].__exit__(None, None, None)
    with throttle.attempt("name", "192.0.2.99"):
        pass


def bearer(stranger: Client, token: str, method: str, path: str, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Origin": None}
    return stranger.open(path, method=method, headers=headers, **more)


def test_token_stands_for_its_owner_without_csrf(client: Client, app: Any) -> None:
    made = client.post("/api/v1/tokens", json={"name": "backup"})
    assert made.status_code == 201
    stranger = app.test_client()
    assert bearer(stranger, made.json["token"], "GET", SESSION).json["user"] == "demo"
    listed = client.get("/api/v1/tokens").json
    assert [t["name"] for t in listed] == ["backup"]
    assert listed[0]["used"]
    assert "token" not in listed[0]


def test_token_of_a_viewer_cannot_change(client: Client, app: Any) -> None:
    made = client.post("/api/v1/tokens", json={"name": "eyes", "role": "viewer"}).json
    refused = bearer(app.test_client(), made["token"], "POST", "/api/v1/tokens", json={"name": "more"})
    assert refused.status_code == 403


def test_revoked_wrong_and_expired_tokens_are_nobody(
    client: Client, app: Any, sessions: Sessions, clock: Clock
) -> None:
    made = client.post("/api/v1/tokens", json={"name": "gone"}).json
    assert client.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert bearer(app.test_client(), made["token"], "GET", SESSION).status_code == 401
    assert bearer(app.test_client(), made["token"][:-1] + "x", "GET", SESSION).status_code == 401
    short = sessions.tokens.create("short", "demo", None, 1)
    found = {"HTTP_AUTHORIZATION": f"Bearer {short.token}", "PATH_INFO": "/"}
    assert sessions.login(dict(found)) is not None
    clock.wait(days=1, seconds=1)
    assert sessions.login(dict(found)) is None


def test_token_in_the_address_or_a_cookie_is_not_looked_at(client: Client, app: Any) -> None:
    token = client.post("/api/v1/tokens", json={"name": "x"}).json["token"]
    stranger = app.test_client()
    assert stranger.get(f"{SESSION}?token={token}", base_url=ORIGIN).status_code == 401
    stranger.set_cookie(COOKIE, token, domain="localhost", secure=True)
    assert stranger.get(SESSION, base_url=ORIGIN).status_code == 401


def test_who_is_behind_a_request_is_looked_up_once(sessions: Sessions) -> None:
    cookie, _ = sessions.enter("demo", "demo", "192.0.2.1")
    request = environ(cookie)
    assert sessions.login(request) is request[KEY]


def test_session_ends_in_time_even_if_nobody_asks(sessions: Sessions, clock: Clock) -> None:
    ended: list[str] = []
    sessions.on_end(ended.append)
    _, login = sessions.enter("demo", "demo", "192.0.2.1")
    clock.wait(minutes=14)
    sessions.active(login)
    clock.wait(minutes=14)
    sessions.end_overdue()
    assert ended == []
    clock.wait(minutes=2)
    sessions.end_overdue()
    assert ended == [login.user.session]
