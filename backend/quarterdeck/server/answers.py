"""HTTP answers of the parts that stand before the application."""

from __future__ import annotations

import json
from http import HTTPStatus

from ..problems import Problem


def failure(problem: Problem, *headers: str) -> bytes:
    """A whole HTTP answer that tells a problem, and ends the connection."""
    body = json.dumps(problem.as_dict()).encode()
    lines = [f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}", *headers]
    lines += ["Content-Type: application/problem+json", f"Content-Length: {len(body)}", "Cache-Control: no-store"]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body
