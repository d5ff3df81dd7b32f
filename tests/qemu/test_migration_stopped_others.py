"""What others do while a machine that is off moves, and what the next process finds of a move that was cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.jobs import Job, JobHandle
from quarterdeck.model.migration import MigrationRequest
from quarterdeck.operations.migration.ending import MigrationResult
from quarterdeck.operations.migration.plan import Prepared, prepare
from quarterdeck.operations.migration.stopped_run import COPIED, StoppedMoves
from quarterdeck.operations.migration.tidying import Tidying
from quarterdeck.operations.storage.states import States
from quarterdeck.problems import Problem
from tests.qemu.bed import Bed
from tests.qemu.moves import Site
from tests.qemu.test_migration_stopped import ASKED, FILES, IMAGES, NAME, names, sleeper


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def prepared(site: Site, uuid: str, **more: Any) -> Prepared:
    return prepare(site.service.hosts, "local", uuid, MigrationRequest(destination="b", **ASKED | more))


def adopted(site: Site, move: Prepared, phase: str) -> MigrationResult:
    """How the next process ends a move that the last one left in this phase."""
    service, uuid = site.service, move.row.uuid
    assert move.stopped
    job = Job(
        id="1", kind="migration", host="local", target=uuid, user="demo", state="running", phase=phase, started=""
    )
    made = Tidying(service.hosts, service.jobs).made(uuid, move.source, move.params())
    moves = StoppedMoves(service.inventory, States(service.lending))
    return moves.adopt(move.source, made, move.stopped, JobHandle(job, lambda job, important: None))


def test_one_that_was_whole_there_when_the_service_ended_is_handed_over_once(site: Site, bed: Bed) -> None:
    uuid = sleeper(bed)
    move = prepared(site, uuid, start=True)
    site.end(site.begin(uuid, **ASKED | {"undefine_source": False}))
    assert (bed.a.state(NAME), bed.b.state(NAME)) == ("shut off", "shut off")
    with pytest.raises(Problem, match="while its disks were copied"):
        adopted(site, move, "disks")
    assert bed.a.state(NAME) == "shut off"
    result = adopted(site, move, COPIED)
    assert (result.source, bed.a.state(NAME), bed.b.state(NAME)) == ("undefined", "", "running")
    bed.b.virsh("destroy", NAME)
    result = adopted(site, move, COPIED)
    assert (result.source, bed.b.state(NAME)) == ("undefined", "shut off"), "it has run there since"
    assert set(FILES) <= set(names(bed.b))


def test_files_that_the_pool_does_not_know_yet_are_not_taken_for_copies(site: Site, bed: Bed) -> None:
    uuid = sleeper(bed)
    for name in FILES:
        bed.b.space.run("sh", "-c", f"echo mine > {IMAGES}/{name}")
    over = site.end(site.begin(uuid, **ASKED), "failed")
    assert over["problem"]["detail"] == f"b has a file {IMAGES}/{FILES[0]} already, which is not this machine's.", over
    assert [bed.b.space.run("cat", f"{IMAGES}/{name}") for name in FILES] == ["mine\n", "mine\n"]
    assert (bed.a.state(NAME), bed.b.state(NAME)) == ("shut off", "")


def test_what_is_left_there_and_is_started_meanwhile_ends_it(site: Site, bed: Bed) -> None:
    uuid = sleeper(bed, mib=24)
    older = bed.folder / "older.xml"
    older.write_text(bed.guest_xml(NAME).replace("</name>", f"</name><uuid>{uuid}</uuid>", 1))
    bed.b.virsh("define", str(older))
    job = site.begin(uuid, **ASKED, bandwidth_mib_s=1)
    site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))
    bed.b.virsh("start", NAME)
    over = site.end(job, "failed")
    assert over["problem"]["detail"] == "It was started on b while it moved. It is off on local, as before.", over
    assert (bed.a.state(NAME), bed.b.state(NAME)) == ("shut off", "running")
