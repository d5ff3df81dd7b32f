"""One machine of the made-up host, as a script sees it."""

from __future__ import annotations

from typing import Any

from ..conftest import Client

LIST = "/api/v1/hosts/local/domains"


class Machine:
    """One machine as a script sees it."""

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.name = name

    @property
    def now(self) -> dict[str, Any]:
        return self.client.domain(self.name)

    def call(self, method: str, suffix: str = "", body: Any = None, etag: str | None = "", **more: Any) -> Any:
        now = self.now
        headers = {} if etag is None else {"If-Match": f'"{etag or now["etag"]}"'}
        return self.client.open(f"{LIST}/{now['uuid']}{suffix}", method=method, json=body, headers=headers, **more)

    def patch(self, body: Any, query: str = "", etag: str | None = "") -> Any:
        return self.call("PATCH", query, body, etag)

    def faults(self, body: Any, query: str = "") -> dict[str, str]:
        answer = self.patch(body, query)
        assert answer.status_code in (409, 422), answer.text
        return {each["pointer"]: each["detail"] for each in answer.json["errors"]}
