"""What every test may ask for: a made-up host of libvirt's test driver, the application on it, and a client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

from quarterdeck.app import Service, create_app
from quarterdeck.config import Config
from tests import document
from tests.failing import pytest_runtest_makereport, pytest_sessionfinish, pytest_terminal_summary
from tests.waiting import PATIENCE_SECONDS

from .qemu.fixtures import bed, begin_deck, pytest_runtest_setup, session_bed

__all__ = [
    "bed",
    "begin_deck",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "session_bed",
]
HOSTS = Path(__file__).parent / "hosts"
ORIGIN = "https://localhost"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--regenerate`: golden files are written anew instead of compared."""
    parser.addoption("--regenerate", action="store_true", help="write golden files anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs more than the test driver, and run the quick tests first."""
    here = Path(__file__).parent
    for item in items:
        for folder in ("qemu", "browser"):
            if item.path.is_relative_to(here / folder):
                item.add_marker(folder)
    items.sort(key=lambda item: bool(item.get_closest_marker("qemu")) + 2 * bool(item.get_closest_marker("browser")))


@pytest.fixture
def host_file(tmp_path: Path) -> Path:
    """The demonstration host; a test that wants another copies it here before it asks for the app."""
    return Path(shutil.copy(HOSTS / "demo.xml", tmp_path / "host.xml"))


@pytest.fixture
def config(tmp_path: Path, host_file: Path) -> Config:
    """Settings of a service of its own."""
    return Config(run_dir=tmp_path / "run", state_dir=tmp_path / "state", local_uri=f"test://{host_file}", demo=True)


@pytest.fixture
def app(config: Config) -> Iterator[flask.Flask]:
    """The application, connected."""
    made = create_app(config)
    service: Service = made.extensions["quarterdeck"]
    assert service.hosts.get("local").wait_connected(PATIENCE_SECONDS)
    yield made
    service.close()


@pytest.fixture
def service(app: flask.Flask) -> Service:
    """What runs behind the application."""
    return app.extensions["quarterdeck"]


class Client(FlaskClient):
    """A browser that is at home: https, own Origin, CSRF token of its session."""

    csrf = ""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request as the page would."""
        headers = {"Origin": ORIGIN, "X-CSRF-Token": self.csrf} | dict(kwargs.pop("headers", None) or {})
        kwargs.setdefault("base_url", ORIGIN)
        answer = super().open(*args, headers={k: v for k, v in headers.items() if v is not None}, **kwargs)
        if answer.is_json and answer.data and not answer.content_encoding:
            request = answer.request
            document.check(request.method, request.path, answer.status_code, answer.mimetype, answer.json)
        return answer

    def login(self, username: str = "demo", password: str = "demo") -> Client:
        """Log in; later changes carry the session's token."""
        answer = self.post("/api/v1/session", json={"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json["csrf_token"]
        return self

    def domain(self, name: str) -> dict[str, Any]:
        """A machine of the local host by name, in full."""
        found = {d["name"]: d["uuid"] for d in self.get("/api/v1/hosts/local/domains").json}
        return self.get(f"/api/v1/hosts/local/domains/{found[name]}").json


@pytest.fixture
def stranger(app: flask.Flask) -> Client:
    """A client that is not logged in."""
    app.test_client_class = Client
    client = app.test_client()
    assert isinstance(client, Client)
    return client


@pytest.fixture
def client(stranger: Client) -> Client:
    """A client with an administrator's session."""
    return stranger.login()
