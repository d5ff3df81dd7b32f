"""What is served beside the API: the page, its headers, the manual, and the manners of every failure."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from quarterdeck import app as factory
from quarterdeck.problems import CATALOGUE

from ..conftest import Client

POLICY = "script-src 'self'"


def test_the_api_can_be_read_by_people(stranger: Client) -> None:
    page = stranger.get("/api/v1/docs")
    assert page.mimetype == "text/html"
    assert "/hosts/{host}/domains/{uuid}/start" in page.text
    assert '<a href="#model-DomainSummary">' in page.text
    assert "What has an <code>etag</code> is changed with it as <code>If-Match</code>" in page.text
    assert "&#34;mode&#34;: &#34;nat&#34;" in page.text, "the example of a network"
    assert page.text.count("curl -X") == page.text.count("<article>\n<h3><span class="), (
        "each route as a script asks it"
    )
    kinds = re.findall(r'href="(/problems/[a-z-]+)"', page.text)
    assert len(kinds) == len(CATALOGUE)
    told = stranger.get(kinds[0])
    assert (told.status_code, "All kinds of problems" in told.text) == (200, True)


def test_the_document_is_served_as_it_is_in_the_tree(stranger: Client) -> None:
    assert stranger.get("/api/v1/openapi.json").data == factory.openapi()
    assert json.loads(factory.openapi())["openapi"] == "3.1.0"


def test_the_service_tells_that_it_is_well_without_a_login(stranger: Client) -> None:
    assert stranger.get("/healthz").json == {"status": "ok"}


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/docs", "/api/v1/session", "/problems/busy", "/healthz", "/api/v1/nothing"]
)
def test_every_answer_carries_the_security_headers(stranger: Client, path: str) -> None:
    headers = stranger.get(path).headers
    assert POLICY in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/../../etc/passwd", "/assets/../../app.py", "/assets/nothing.js", "/api/nothing"])
def test_nothing_outside_the_page_is_served(stranger: Client, path: str) -> None:
    answer = stranger.get(path)
    assert "root:" not in answer.text and "create_app" not in answer.text
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize(
    "path", ["/api/v1/hosts", "/api/v1/jobs", "/api/v1/audit", "/api/v1/hosts/local/domains", "/api/v1/actions"]
)
def test_nothing_is_told_without_a_login(stranger: Client, path: str) -> None:
    answer = stranger.get(path)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_a_machine_that_is_asked_for_by_its_name_says_how_it_is_told(client: Client) -> None:
    told = client.get("/api/v1/hosts/local/domains/web-1/xml")
    assert told.status_code == 404, told.text
    assert "no machine web-1: they are told by UUID, which /api/v1/hosts/local/domains lists" in told.json["detail"]


def test_a_long_list_is_sent_packed_to_who_can_unpack_it(client: Client) -> None:
    plain = client.get("/api/v1/hosts/local/domains")
    packed = client.get("/api/v1/hosts/local/domains", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    names = [{row["uuid"] for row in json.loads(body)} for body in (plain.data, gzip.decompress(packed.data))]
    assert names[0] == names[1]
    assert len(packed.data) * 5 < len(plain.data)
