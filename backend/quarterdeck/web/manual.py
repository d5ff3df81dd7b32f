"""The API as a page that people read, made from the OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from jinja2 import Environment, select_autoescape

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
Scripts send <code>Authorization: Bearer TOKEN</code>; make one with <code>quarterdeck token create</code>.
<code>?dry_run=true</code> on a change answers its plan and touches nothing.
What takes long answers 202 with a job. Every failure is <code>application/problem+json</code>, of one of
<a href="#problems">these kinds</a>.</p>
</header>
<nav aria-label="Contents"><ul>
{% for tag in groups %}<li><a href="#{{ tag }}">{{ tag }}</a></li>
{% endfor %}<li><a href="#problems">problems</a></li>
<li><a href="#models">models</a></li>
</ul></nav>
<main>
{% for tag, routes in groups.items() %}
<section id="{{ tag }}"><h2>{{ tag }}</h2>
{% for route in routes %}
<article>
<h3><span class="method {{ route.method }}">{{ route.method }}</span> <code>{{ route.path }}</code></h3>
<p>{{ route.summary }}</p>
<p class="small">Needs {{ route.permission or "no login" }}.
{%- if route.parameters %} Parameters: {{ route.parameters | join(", ") }}.{% endif %}
{%- if route.body %} Body: {{ route.body }}.{% endif %} Answer: {{ route.answer }}.</p>
</article>
{% endfor %}
</section>
{% endfor %}
<section id="problems"><h2>Problems</h2>
<p><code>type</code> is <code>/problems/</code> and its word; <code>detail</code> says what happened,
<code>cure</code> what to do, <code>errors</code> which fields are at fault, <code>raw</code> libvirt's own words.</p>
<table><thead><tr><th scope="col">type</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>
{% for slug, kind in problems.items() %}<tr><td><a href="/problems/{{ slug }}"><code>{{ slug }}</code></a></td>
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
.DELETE { color: #c9190b; } .GET { color: #3e8635; } .POST, .PUT, .PATCH { color: #2b9af3; }
nav ul { columns: 12rem; padding-left: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; display: block; overflow-x: auto; }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; border-bottom: 1px solid #8883; }
"""


def page(document: bytes) -> str:
    """The page of a document."""
    parsed = json.loads(document)
    return PAGE.render(
        base=BASE, version=parsed["info"]["version"], groups=_groups(parsed), models=_models(parsed), problems=CATALOGUE
    )


def problem_page(slug: str, kind: Kind) -> str:
    """The page behind the `type` of a problem."""
    return PROBLEM.render(base=BASE, slug=slug, kind=kind)


def _groups(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            answer = next(iter(operation["responses"].values()))
            schema = next(iter(answer.get("content", {"": {}}).values())).get("schema")
            entry = {
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "permission": operation["x-permission"],
                "parameters": [p["name"] for p in operation["parameters"] if p["in"] != "path"],
                "body": _word(body) if body else None,
                "answer": _word(schema) if schema else answer["description"].lower(),
            }
            groups.setdefault(operation["tags"][0], []).append(entry)
    return groups


def _models(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "description": schema.get("description", ""),
            "fields": [
                (field, _word(kind), kind.get("description") or kind.get("title", ""))
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
