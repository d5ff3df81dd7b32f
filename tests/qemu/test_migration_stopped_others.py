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
from quarterdeck.operations.migration.stopped import Stopped
from quarterdeck.operations.migration.stopped_run import COPIED, StoppedMoves
from quarterdeck.operations.migration.tidying import Made, Tidying
from quarterdeck.operations.storage.states import States
from quarterdeck.problems import Problem
from tests.qemu.bed import Bed
from tests.qemu.moves import Site
from tests.qemu.test_migration_stopped import ASKED, FILES, IMAGES, NAME, names, sleeper, sums


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def prepared(site: Site, uuid: str, **more: Any) -> Prepared:
    return prepare(site.service.hosts, "local", uuid, MigrationRequest(destination="b", **ASKED | more))


def parts(site: Site, move: Prepared, phase: str) -> tuple[StoppedMoves, Made, Job]:
    """What carries a move out, what it makes, and its job in this phase."""
    service, uuid = site.service, move.row.uuid
    job = Job(
        id="1", kind="migration", host="local", target=uuid, user="demo", state="running", phase=phase, started=""
    )
    made = Tidying(service.hosts, service.jobs).made(job, move.source, move.params())
    return StoppedMoves(service.inventory, States(service.lending)), made, job


def begun(site: Site, move: Prepared) -> None:
    """A move that fails at the start of the machine there, by a service that ends before it has undone anything."""
    moves, made, job = parts(site, move, "")
    with pytest.raises(Problem):
        moves.move(move, move.stopped, made, JobHandle(job, lambda job, important: None))


def adopted(site: Site, move: Prepared, phase: str) -> MigrationResult:
    """How the next process ends a move that the last one left in this phase."""
    moves, made, job = parts(site, move, phase)
    handle = JobHandle(job, lambda job, important: None)
    try:
        return moves.adopt(move.source, made, Stopped.of(move.params()["stopped"]), handle)
    finally:
        handle.undo.close()


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


def test_two_whose_disks_lie_in_one_folder_without_a_pool_do_not_end_each_other(site: Site, bed: Bed) -> None:
    folder = Path("/var/lib/libvirt/of-no-pool")
    for host in (bed.a, bed.b):
        host.space.run("rm", "-rf", folder)
    bed.a.space.run("mkdir", folder)
    for name in ("long-1.img", "long-2.img", "short.img"):
        disk = bed.a.make_disk(name, "8M", kind="raw", folder=folder)
        bed.a.space.run("qemu-io", "-f", "raw", "-c", "write -P 0x3c 0 4M", disk)
    source = f"<source file='{folder}/long-2.img'/>"
    second = f"<disk type='file' device='disk'>{source}<target dev='vdb' bus='virtio'/></disk>"
    long = bed.guest_xml("long", disk=folder / "long-1.img", disk_format="raw")
    uuid = bed.a.define(long.replace("</devices>", f"{second}</devices>"))
    job = site.begin(uuid, **ASKED, bandwidth_mib_s=1)
    site.until(job, lambda e: e["phase"] == "disks" and e["details"].get("rate_bytes_s"))
    other = bed.a.define(bed.guest_xml("short", disk=folder / "short.img", disk_format="raw"))
    site.end(site.begin(other, **ASKED))
    assert "vda" in site.job(job)["message"], "its first disk is on its way"
    site.tune(job, bandwidth_mib_s=0)
    site.end(job)
    assert (bed.a.state("long"), bed.b.state("long"), bed.b.state("short")) == ("", "shut off", "shut off")
    paths = [f"{folder}/{name}" for name in names(bed.b, str(folder))]
    assert sums(bed.b, *paths) == sums(bed.a, *paths)
    for host in (bed.a, bed.b):
        assert "quarterdeck-" not in host.virsh("pool-list", "--all", "--name")


def test_an_older_definition_there_comes_back_where_the_hand_over_fails_after_a_restart(
    site: Site, bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
    nvram = "/var/lib/libvirt/qemu/nvram/sleeper_VARS.fd"
    uuid = sleeper(bed, firmware=f"{code}<nvram>{nvram}</nvram>")
    bed.a.virsh("start", NAME)
    bed.a.virsh("destroy", NAME)
    older = bed.folder / "older.xml"
    text = bed.a.virsh("dumpxml", NAME).replace("<graphics ", "<graphics passwd='sesame' ", 1)
    bed.a.define(text)
    older.write_text(text.replace("<memory ", "<title>older</title><memory ", 1))
    bed.b.virsh("define", str(older))
    bed.b.space.run("sh", "-c", f"mkdir -p $(dirname {nvram}); echo older > {nvram}")
    was = sums(bed.b, nvram)
    move = prepared(site, uuid, start=True)
    assert "sesame" not in str(move.params())
    # What host b cannot open keeps it from starting, and nothing else.
    bed.b.space.run("mount", "-t", "tmpfs", "none", "/usr/share/OVMF")
    try:
        begun(site, move)
        assert "older" not in bed.b.virsh("desc", NAME, "--title")
        assert sums(bed.b, nvram) == sums(bed.a, nvram) != was
        define, beside = move.destination.domains.define, []

        def look_and_define(xml: str) -> Any:
            beside.append(sums(bed.b, nvram, f"{nvram}.older"))
            return define(xml)

        monkeypatch.setattr(move.destination.domains, "define", look_and_define)
        with pytest.raises(Problem, match="It is off on local, as before"):
            adopted(site, move, COPIED)
        assert beside == [was * 2], "an undo that is cut off before or behind its definition would lose them"
    finally:
        bed.b.space.run("umount", "/usr/share/OVMF")
    assert "older" in bed.b.virsh("desc", NAME, "--title")
    assert "sesame" in bed.b.virsh("dumpxml", "--security-info", NAME)
    assert sums(bed.b, nvram) == was
    assert names(bed.b, "/var/lib/libvirt/qemu/nvram") == ["sleeper_VARS.fd"]
    assert bed.a.state(NAME) == "shut off"
