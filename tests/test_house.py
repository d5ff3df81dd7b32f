"""The rules of the house, as tests."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from quarterdeck import app as factory
from quarterdeck.model.patterns import KNOWN
from quarterdeck.model.table import settings_table
from quarterdeck.operations.inventory.actions import ACTIONS
from quarterdeck.problems import CATALOGUE
from quarterdeck.web.examples import EXAMPLES
from quarterdeck.web.openapi import operation_id
from quarterdeck.web.route import BASE, hints, routes
from tests.browser.test_pages import PAGES
from tests.model.goldens import uncovered

ROOT = Path(__file__).parent.parent
BACKEND = ROOT / "backend" / "quarterdeck"
PYTHON = sorted(BACKEND.rglob("*.py"))
PAGE = sorted(p for p in (ROOT / "frontend" / "src").rglob("*.ts*") if p.name != "schema.d.ts")
OPEN = {("POST", "/session"), ("GET", "/session")}


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def test_layers_hold() -> None:
    run(str(Path(sys.executable).parent / "lint-imports"))


def test_style_holds() -> None:
    run(sys.executable, "-m", "ruff", "check", "backend", "tests")
    run(sys.executable, "-m", "ruff", "format", "--check", "backend", "tests")


def test_types_hold() -> None:
    run(sys.executable, "-m", "mypy")


def test_the_api_document_in_the_tree_is_fresh() -> None:
    assert (ROOT / "frontend/src/api/openapi.json").read_bytes() == factory.openapi(), "run: make api"


def test_the_table_of_settings_in_the_tree_is_fresh() -> None:
    assert (ROOT / "docs/settings.md").read_text() == settings_table(), "run: make api"


def test_every_route_asks_for_a_permission() -> None:
    bare = {(r.method, r.rule) for cls in factory.ROUTES for _n, _f, r in routes(cls) if r.needs is None}
    assert bare <= OPEN


def test_every_route_says_what_the_caller_gets() -> None:
    silent = [f"{cls.__name__}.{name}" for cls in factory.ROUTES for name, f, _r in routes(cls) if not f.__doc__]
    assert silent == []


def test_every_parameter_of_a_route_is_described() -> None:
    operations = [each for methods in json.loads(factory.openapi())["paths"].values() for each in methods.values()]
    silent = {
        f"{o['operationId']} {p['name']}" for o in operations for p in o["parameters"] if not p.get("description")
    }
    assert silent == set()


def test_every_body_has_an_example_that_it_takes() -> None:
    found = [(operation_id(cls, r), hints(f)) for cls in factory.ROUTES for _n, f, r in routes(cls)]
    bodies = {operation: wanted["body"] for operation, wanted in found if "body" in wanted}
    assert set(EXAMPLES) == set(bodies)
    for operation, body in bodies.items():
        TypeAdapter(body).validate_python(EXAMPLES[operation])


def test_every_declared_route_is_served(app) -> None:
    served = {rule.rule for rule in app.url_map.iter_rules()}
    assert {r.rule for cls in factory.ROUTES for _n, _f, r in routes(cls) if BASE + r.rule not in served} == set()


def test_every_act_of_the_registry_has_its_route() -> None:
    known = {
        (method.upper(), path) for path, methods in json.loads(factory.openapi())["paths"].items() for method in methods
    }
    assert [each.info.id for each in ACTIONS if (each.info.method, each.info.path) not in known] == []


def test_every_page_is_looked_at_in_all_its_sizes() -> None:
    """All but the console, which is a window of its own."""
    rules = re.findall(r"path: '([^'*/][^']*)', lazy", (ROOT / "frontend/src/routes.tsx").read_text())
    pages = {rule: "/" + re.sub(r":\w+", "[^/]+", re.sub(r"/:\w+\?", "(/[^/]+)?", rule)) for rule in rules}
    looked = [path for path, _heading in PAGES.values()]
    assert [rule for rule, page in pages.items() if not any(re.fullmatch(page, path) for path in looked)] == []


def test_every_problem_raised_is_in_the_catalogue() -> None:
    raised = {slug for path in PYTHON for slug in re.findall(r'Problem\(\s*"([a-z-]+)"', path.read_text())}
    assert raised <= set(CATALOGUE)


def test_every_pattern_that_people_meet_has_its_words() -> None:
    document = json.loads((ROOT / "frontend/src/api/openapi.json").read_text())
    found = {each["pattern"] for each in _schemas(document) if isinstance(each.get("pattern"), str)}
    assert found - set(KNOWN) == set()


def _schemas(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _schemas(each)


def test_every_problem_has_a_page(client) -> None:
    for slug, kind in CATALOGUE.items():
        answer = client.get(f"/problems/{slug}")
        assert answer.status_code == 200
        assert kind.help[:20] in answer.text.replace("&#x27;", "'")


def test_every_declared_xml_value_is_read_and_changed_by_a_golden_edit() -> None:
    assert uncovered() == []


def test_xml_is_never_made_from_text() -> None:
    found = [str(p) for p in PYTHON if re.search(r"""f["']{1,3}<[a-z/]""", p.read_text())]
    assert found == []


def long_reason(text: str) -> bool:
    return "long because" in text.split("\n", 1)[0].lower()


def test_a_class_of_the_page_has_one_style_sheet() -> None:
    """Sheets of pages stay loaded when another page opens: a name in two would mix them."""
    sheets: dict[str, set[str]] = {}
    for sheet in sorted((ROOT / "frontend/src").rglob("*.css")):
        for name in re.findall(r"^\.(qd-[a-z-]+)(?= \{|,$)", sheet.read_text(), re.M):
            sheets.setdefault(name, set()).add(sheet.name)
    assert {name: found for name, found in sheets.items() if len(found) > 1} == {}


def test_a_text_with_a_number_has_its_singular() -> None:
    counted = {text for path in PAGE for text in re.findall(r"\bt\(\s*'([^']*{{count}}[^']*)'", path.read_text())}
    known = json.loads((ROOT / "frontend/src/locales/en.json").read_text())
    assert counted == {key.rpartition("_")[0] for key in known}


@pytest.mark.parametrize("path", [*PYTHON, *PAGE], ids=lambda p: p.name)
def test_files_stay_small(path: Path) -> None:
    limit = 300 if path.suffix == ".tsx" else 400
    text = path.read_text()
    assert text.count("\n") <= limit or long_reason(text)


def test_functions_stay_small() -> None:
    long = []
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.end_lineno and node.end_lineno - node.lineno > 40:
                long.append(f"{path.name}:{node.name}")
    assert long == []


def test_settings_are_all_documented() -> None:
    from quarterdeck.config import Config

    text = (ROOT / "packaging" / "quarterdeck.toml").read_text()
    assert [name for name in Config.model_fields if not re.search(rf"^#? ?{name} =|^# ?\[\[{name}", text, re.M)] == []


def test_the_document_names_every_route() -> None:
    paths = json.loads(factory.openapi())["paths"]
    wanted = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", r.rule) for cls in factory.ROUTES for _n, _f, r in routes(cls)}
    assert wanted == set(paths)


@pytest.mark.parametrize("guide", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_and_name_of_a_guide_is_there(guide: str) -> None:
    tree = ["/" + path for path in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()]
    words = re.findall(r"`([^`\n]+)`", (ROOT / guide).read_text())
    files = {word for word in words if re.fullmatch(r"[\w.-]+(/[\w.-]+)*(/|\.(py|tsx?|md|toml|json))", word)} - {
        "dist/"
    }
    assert [word for word in files if not any(f"/{word}" in path for path in tree)] == []
    names = {word for word in words if re.fullmatch(r"[A-Z_]{4,}|[A-Z][a-z]+[A-Z]\w+", word)}
    source = "\n".join(path.read_text() for path in [*PYTHON, *PAGE, *(ROOT / "tests").rglob("*.py")])
    assert [name for name in names if not re.search(rf"\b{name}\b", source)] == []


def test_a_misspelt_field_of_a_body_is_an_error() -> None:
    document = json.loads(factory.openapi())
    bodies = [
        each["requestBody"]["content"]["application/json"]["schema"]
        for methods in document["paths"].values()
        for each in methods.values()
        if "application/json" in each.get("requestBody", {}).get("content", {})
    ]
    names = {ref for body in bodies for ref in re.findall(r"#/components/schemas/([\w-]+)", json.dumps(body))}
    lax = {name for name in names if document["components"]["schemas"][name].get("additionalProperties") is not False}
    assert lax == set()


def test_what_only_starts_the_parts_stays_small() -> None:
    line = "import sys, quarterdeck.cli, quarterdeck.server.serve; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True).stdout.split()
    assert {"quarterdeck.model", "quarterdeck.hypervisor", "libvirt", "flask", "lxml"} & set(loaded) == set()
