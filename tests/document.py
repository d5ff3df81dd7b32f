"""Every JSON answer that a test sees is held against the API document."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from jsonschema_rs import Draft202012Validator

from quarterdeck import app as factory
from quarterdeck.web.route import BASE


@functools.cache
def _document() -> dict[str, Any]:
    return json.loads(factory.openapi())


@functools.cache
def _operations() -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
    found = []
    for path, methods in _document()["paths"].items():
        pattern = re.compile(BASE + re.sub(r"\{\w+\}", r"[^/]+", path))
        found += [(pattern, method.upper(), operation) for method, operation in methods.items()]
    return sorted(found, key=lambda entry: -len(entry[0].pattern))


@functools.cache
def _validator(text: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(text), "components": _document()["components"]})


def check(method: str, path: str, status: int, mimetype: str, body: Any) -> None:
    """Fail unless the document says that this call may be answered so. Addresses outside the document pass."""
    operation = next((o for pattern, verb, o in _operations() if verb == method and pattern.fullmatch(path)), None)
    if operation is None:
        return
    answers = operation["responses"]
    answer = answers["default"] if mimetype == "application/problem+json" else answers.get(str(status))
    if answer is None:
        # a change with ?dry_run=true answers its plan, one that turned out slow its job
        model = "Plan" if status == 200 else "Job"
        schema: dict[str, Any] = {"$ref": f"#/components/schemas/{model}"}
    elif isinstance(body, dict) and {"xml_diff", "commands", "effects", "warnings"} <= set(body):
        schema = {"$ref": "#/components/schemas/Plan"}
    else:
        schema = answer.get("content", {}).get(mimetype, {}).get("schema", {})
    faults = [
        f"{error.instance_path}: {error.message[:200]}" for error in _validator(json.dumps(schema)).iter_errors(body)
    ]
    assert faults == [], f"{method} {path} does not answer as the document says: {faults[:3]}"
