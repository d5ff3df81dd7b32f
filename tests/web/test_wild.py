"""Machines as other programs define them: whatever the page reads of one is answered, and one value can be changed."""

from __future__ import annotations

from quarterdeck.app import Service
from quarterdeck.model.xml import dump, parse
from tests.model.goldens import DATA
from tests.model.wild_goldens import WILD

from ..conftest import Client

ONE = "/api/v1/hosts/local/domains"
READ = ("xml", "settings", "forms", "metadata", "history", "snapshots", "snapshot-options", "volumes")


def test_machines_of_other_programs_are_read_whole_and_changed(service: Service, client: Client) -> None:
    wrong = {}
    for name in sorted({wild[0] for wild in WILD}):
        root = parse((DATA / f"{name}.xml").read_text())
        root.set("type", "test")
        one = f"{ONE}/{service.hosts.get('local').domains.define(dump(root))}"
        service.inventory.refresh("local", one.rpartition("/")[2])
        machine, sections = client.get(one), client.get(f"{one}/settings")
        paths = [f"{one}/{each}" for each in READ]
        paths += [f"{one}/devices/{device['id']}/xml" for device in machine.json["devices"]]
        paths += [f"{one}/settings/{section['id']}/xml" for section in sections.json]
        wrong |= {path: answer.json for path in paths if (answer := client.get(path)).status_code != 200}
        etag = {"If-Match": machine.headers["ETag"]}
        plan = client.patch(f"{one}?dry_run=true", json={"description": "Mine"}, headers=etag)
        lines = [
            line for line in plan.json["xml_diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        if lines != ["+  <description>Mine</description>"]:
            wrong[f"{name}: description"] = plan.json
    assert wrong == {}
