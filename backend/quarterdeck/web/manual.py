"""The API as a page that people read, made from the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from jinja2 import Environment, select_autoescape
from markupsafe import Markup, escape

from ..problems import CATALOGUE, Kind
from .route import BASE

TEMPLATES = Environment(autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True)
PAGE = TEMPLATES.from_string(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API - Quarterdeck</title>
<link rel="stylesheet" href="{{ base }}/manual.css">
</head>
<body>
<header>
<h1>The API of Quarterdeck {{ version }}</h1>
<p>JSON under <code>{{ base }}</code>; the same as a document: <a href="{{ base }}/openapi.json">openapi.json</a>.
All kinds of problems stand <a href="#problems">below</a>, and what goes in and comes out as
<a href="#models">models</a>.</p>
{% for paragraph in guide %}<p>{{ paragraph }}</p>
{% endfor %}
</header>
<nav aria-label="Contents"><ul>
{% for tag in groups %}<li><a href="#{{ tag }}">{{ tag }}</a></li>
{% endfor %}<li><a href="#problems">problems</a></li>
<li><a href="#models">models</a></li>
</ul></nav>
<main>
{% for tag, routes in groups.items() %}
<section id="{{ tag }}"><h2>{{ tag }}</h2>
<p>{{ about[tag] }}</p>
{% for route in routes %}
<article>
<h3><span class="method {{ route.method }}">{{ route.method }}</span> <code>{{ route.path }}</code></h3>
<p>{{ route.summary }}</p>
<p class="small">Needs {{ route.permission or "no login" }}.
{%- if route.body %} Body: {{ route.body }}.{% endif %} Answer: {{ route.answer }}, {{ route.status }}.
{%- if route.problems %} Problems: {{ route.problems | join(", ") }}.{% endif %}</p>
<details><summary>As a script asks it</summary>
{% if route.parameters %}<ul>
{% for name, text in route.parameters %}<li><code>{{ name }}</code>: {{ text }}</li>
{% endfor %}</ul>{% endif %}
<pre tabindex="0">{{ route.curl }}</pre></details>
</article>
{% endfor %}
</section>
{% endfor %}
<section id="problems"><h2>Problems</h2>
<p><code>type</code> is <code>/problems/</code> and its word; <code>detail</code> says what happened,
<code>cure</code> what to do, <code>errors</code> which fields are at fault, <code>raw</code> libvirt's own words.</p>
<table><thead><tr><th scope="col">type</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>
{% for slug, kind in problems.items() %}<tr id="problem-{{ slug }}">
<td><a href="/problems/{{ slug }}"><code>{{ slug }}</code></a></td>
<td>{{ kind.status }}</td><td>{{ kind.title }}</td></tr>
{% endfor %}</tbody></table>
</section>
<section id="models"><h2>Models</h2>
{% for name, model in models.items() %}
<article id="model-{{ name }}"><h3>{{ name }}</h3>
{% if model.description %}<p>{{ model.description }}</p>{% endif %}
<table><thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>
{% for field, type, text in model.fields %}<tr><td><code>{{ field }}</code></td>
<td>{{ type }}</td><td>{{ text }}</td></tr>
{% endfor %}</tbody></table>
</article>
{% endfor %}
</section>
</main>
</body>
</html>
"""
)
PROBLEM = TEMPLATES.from_string(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ kind.title }} - Quarterdeck</title>
<link rel="stylesheet" href="{{ base }}/manual.css">
</head>
<body>
<main>
<h1>{{ kind.title }}</h1>
<p>{{ kind.help }}</p>
<p class="small">HTTP status {{ kind.status }}, type <code>/problems/{{ slug }}</code>.
<a href="{{ base }}/docs#problems">All kinds of problems</a></p>
</main>
</body>
</html>
"""
)
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 "Red Hat Text", system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
code { font-family: "Red Hat Mono", ui-monospace, monospace; overflow-wrap: anywhere; }
h2 { border-bottom: 1px solid #8886; margin-top: 3rem; }
h3 { font-size: 1rem; margin-bottom: .2rem; }
p { margin: .2rem 0 .6rem; } .small { opacity: .8; font-size: .9rem; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
.DELETE { color: light-dark(#b1380b, #ff9b80); } .GET { color: light-dark(#2f6b27, #8bc97f); }
.POST, .PUT, .PATCH { color: light-dark(#0066cc, #73bcf7); }
pre { overflow-x: auto; padding: .6rem; border: 1px solid #8886; border-radius: .3rem; font-size: .85rem; }
summary { cursor: pointer; font-size: .9rem; }
nav ul { columns: 12rem; padding-left: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; display: block; overflow-x: auto; }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; border-bottom: 1px solid #8883; }
"""


def page(document: bytes) -> str:
    """The page of a document."""
    parsed = json.loads(document)
    return PAGE.render(
        base=BASE,
        version=parsed["info"]["version"],
        guide=[_marked(text) for text in parsed["info"]["description"].strip().split("\n\n")],
        about={tag["name"]: _marked(tag["description"].split("\n\n")[0]) for tag in parsed["tags"]},
        groups=_groups(parsed),
        models=_models(parsed),
        problems=CATALOGUE,
    )


def _marked(text: str) -> Markup:
    """Text with the little Markdown that the document has: words in bold, and code."""
    told = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text)))
    return Markup(re.sub(r"`(.+?)`", r"<code>\1</code>", told))  # noqa: S704 - escaped just above


def problem_page(slug: str, kind: Kind) -> str:
    """The page behind the `type` of a problem."""
    return PROBLEM.render(base=BASE, slug=slug, kind=kind)


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    known = document["components"]["schemas"].keys()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            entry = _entry(path, method.upper(), operation, known)
            groups.setdefault(operation["tags"][0], []).append(entry)
    return groups


def _entry(path: str, method: str, operation: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    """What the page tells of one route."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    status, answer = next(iter(operation["responses"].items()))
    schema = next(iter(answer.get("content", {"": {}}).values())).get("schema")
    references = [response.get("$ref", "") for response in operation["responses"].values()]
    return {
        "method": method,
        "path": path,
        "summary": _marked(operation["summary"]),
        "permission": operation["x-permission"],
        "parameters": [(each["name"], _marked(each["description"])) for each in operation["parameters"]],
        "body": _linked(_word(body["schema"]), known) if body else None,
        "answer": _linked(_word(schema), known) if schema else answer["description"].lower(),
        "status": status,
        "problems": [_link(f"#problem-{slug}", slug) for slug in _slugs(references)],
        "curl": _curl(path, method, operation, body.get("example")),
    }


def _slugs(references: list[str]) -> list[str]:
    return [reference.rsplit("/", 1)[-1] for reference in references if reference]


def _link(address: str, word: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(address, word)


def _linked(words: str, known: Collection[str]) -> Markup:
    """Words of which those that name a model lead to it."""
    parts = re.split(r"(\w+)", words)
    return Markup("").join(_link(f"#model-{part}", part) if part in known else part for part in parts)


def _curl(path: str, method: str, operation: dict[str, Any], example: Any) -> str:
    """The call as curl makes it; what the reader has to put in stands in capitals."""
    place = re.sub(r"\{(\w+)\}", lambda name: "local" if name[1] == "host" else name[1].upper(), path)
    lines = [f"curl -X {method} https://HOST:9090{BASE}{place}"]
    lines += ['-H "Authorization: Bearer $TOKEN"'] if operation["security"] else []
    lines += ["-H 'If-Match: \"ETAG\"'" for each in operation["parameters"] if each["name"] == "If-Match"]
    if example is not None:
        body = json.dumps(example, indent=2, ensure_ascii=False).replace("'", "'\\''")
        lines += ["-H 'Content-Type: application/json'", f"-d '{body}'"]
    return " \\\n  ".join(lines)


def _models(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    known = document["components"]["schemas"].keys()
    return {
        name: {
            "description": _marked(schema.get("description", "")),
            "fields": [
                (field, _linked(_word(kind), known), _marked(kind.get("description") or kind.get("title", "")))
                for field, kind in schema.get("properties", {}).items()
            ],
        }
        for name, schema in document["components"]["schemas"].items()
    }


def _word(schema: dict[str, Any]) -> str:
    """A schema in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " or ".join(_word(option) for option in options)
    if schema.get("type") == "array":
        return f"list of {_word(schema.get('items', {}))}"
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    return str(schema.get("const") or schema.get("type") or "any value")
