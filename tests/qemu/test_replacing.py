"""Uploads over volumes that are there: what stands before stays until the new content is whole."""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.jobs import JobHandle
from quarterdeck.model.storage import NEXT, PARTIAL
from quarterdeck.problems import Problem
from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.moves import Site
from tests.qemu.test_clone import FOLDER
from tests.waiting import PATIENCE_SECONDS, job_done

VOLUME = "/api/v1/hosts/local/pools/default/volumes/disk.img"
MIB = 1 << 20
OLD, NEW = b"before" * MIB, os.urandom(2 * MIB) + bytes(2 * MIB) + os.urandom(MIB)


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def file(bed: Bed) -> Path:
    """A volume that holds something, and belongs to somebody."""
    path = bed.a.images / "disk.img"
    path.write_bytes(OLD)
    os.chown(path, 107, 107)
    bed.a.virsh("pool-refresh", "default")
    return path


class Last(io.BytesIO):
    """Something happens before the last piece of a body comes."""

    def __init__(self, data: bytes, happens: Callable[[], object]) -> None:
        super().__init__(data)
        self._happens = happens

    def readinto(self, room: Any) -> int:
        came = super().readinto(room)
        if came and self.tell() == self.getbuffer().nbytes:
            self._happens()
        return came


def put(site: Site, data: bytes, *, to: str = VOLUME, start: int = 0, end: int | None = None, query: str = "") -> Any:
    """Send `data` from `start` on; where `end` is given, the line is cut there."""
    headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
    body, length = io.BytesIO(data[start:end]), {"CONTENT_LENGTH": str(len(data) - start)}
    return site.client.put(f"{to}/content{query}", input_stream=body, headers=headers, environ_overrides=length)


def told(site: Site, name: str = "replacement") -> dict[str, int] | None:
    return site.client.get(VOLUME).json[name]


def names(site: Site) -> set[str]:
    return {path.name for path in site.bed.a.images.iterdir()}


def test_what_was_there_stays_where_the_checksum_does_not_fit(site: Site, file: Path) -> None:
    answer = put(site, NEW, query=f"?sha256={'0' * 64}")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/sha256"), answer.text
    assert "disk.img is as it was" in answer.json["detail"]
    assert file.read_bytes() == OLD
    assert names(site) == {"disk.img"}
    assert (told(site), told(site, "partial")) == (None, None)


def test_what_is_whole_takes_its_place(site: Site, file: Path) -> None:
    plan = site.client.put(f"{VOLUME}/content?dry_run=true", data=NEW).json
    assert "until then it stays as it is" in plan["warnings"][0]
    answer = put(site, NEW, query=f"?sha256={hashlib.sha256(NEW).hexdigest()}")
    assert (answer.status_code, answer.json["capacity_bytes"]) == (200, len(NEW)), answer.text
    assert file.read_bytes() == NEW
    assert (file.stat().st_uid, file.stat().st_blocks * 512 < len(NEW)) == (107, True), "its owner, and its holes"
    assert names(site) == {"disk.img"}


def cut(site: Site, query: str = "") -> None:
    answer = put(site, NEW, end=MIB, query=query)
    assert answer.json["type"].endswith("/upload-cut"), answer.text


def test_what_was_cut_goes_on_beside(site: Site, file: Path) -> None:
    cut(site, "?keep_partial=true")
    assert told(site) == {"received_bytes": MIB, "size_bytes": len(NEW)}
    assert (told(site, "partial"), file.read_bytes() == OLD) == (None, True)
    assert [volume["name"] for volume in site.client.get(VOLUME.rpartition("/")[0]).json] == ["disk.img"]
    assert put(site, NEW, start=MIB).status_code == 200
    assert (told(site), file.read_bytes() == NEW) == (None, True)
    assert names(site) == {"disk.img"}


@pytest.mark.parametrize("kept", [False, True])
def test_what_was_cut_leaves_what_was_there(site: Site, file: Path, kept: bool) -> None:
    cut(site, "?keep_partial=true" if kept else "")
    assert (told(site) is not None) == kept
    assert site.client.delete(f"{VOLUME}/content").status_code == (204 if kept else 404)
    assert (names(site), told(site), file.read_bytes() == OLD) == ({"disk.img"}, None, True)


def stand_on(bed: Bed) -> None:
    """Another image stands on the volume."""
    bed.a.space.run("qemu-img", "create", "-f", "qcow2", "-b", f"{FOLDER}/disk.img", "-F", "raw", f"{FOLDER}/top.qcow2")
    bed.a.virsh("pool-refresh", "default")


def test_what_could_not_take_its_place_gives_way_to_the_next_try(site: Site, file: Path) -> None:
    def again(query: str = "") -> Any:
        return put(site, OLD + NEW, query=query)

    failed = site.client.put(
        f"{VOLUME}/content",
        input_stream=Last(NEW, lambda: stand_on(site.bed)),
        environ_overrides={"CONTENT_LENGTH": str(len(NEW))},
    )
    assert (failed.status_code, f"the volume {NEXT}disk.img" in str(failed.json.get("cure"))) == (409, True), (
        failed.text
    )
    (site.bed.a.images / "top.qcow2").unlink()
    left = site.bed.a.images / f"{NEXT}disk.img"
    assert (file.read_bytes() == OLD, left.read_bytes() == NEW) == (True, True)
    uuid = site.bed.a.define(site.bed.guest_xml("off", disk=f"{FOLDER}/{left.name}", disk_format="raw"))
    site.service.inventory.refresh_host("local")
    used = again()
    assert (used.status_code, used.json["used_by"], left.exists()) == (409, ["off"], True), used.text
    site.bed.a.virsh("undefine", uuid)
    site.service.inventory.refresh_host("local")
    told = again("?dry_run=true").json["warnings"]
    assert f"{left.name}, which an earlier upload left there, is deleted at once." in told[0], told
    assert again().status_code == 200
    assert (names(site), file.read_bytes() == OLD + NEW) == ({"disk.img"}, True)


def test_an_upload_over_a_volume_tells_of_disks_that_may_stand_on_it(site: Site, file: Path) -> None:
    site.bed.a.make_disk("top.qcow2", folder=Path("/var/lib/libvirt"))
    site.bed.a.define(site.bed.guest_xml("off", disk="/var/lib/libvirt/top.qcow2"))
    site.service.inventory.refresh_host("local")
    told = site.client.put(f"{VOLUME}/content?dry_run=true&size={len(NEW)}", content_length=0).json["warnings"]
    assert [words.startswith("off has the disk /var/lib/libvirt/top.qcow2") for words in told] == [False, True], told


@pytest.mark.parametrize("kept", [False, True])
def test_an_upload_over_a_volume_begins_anew_after_the_service_was_killed(
    bed: Bed, file: Path, tmp_path: Path, kept: bool
) -> None:
    deck = Deck(tmp_path, {"local_uri": bed.a.local_uri, "demo": "true"}).start()
    try:
        assert deck.login("demo", "demo").status == 200
        address = VOLUME.removeprefix("/api/v1")
        wait_for(lambda: deck.ask("GET", address).status == 200)
        line = http.client.HTTPSConnection("localhost", deck.port, context=deck.context())
        headers = {"Cookie": deck.cookie, "X-CSRF-Token": deck.csrf, "Content-Length": str(len(NEW))}
        line.putrequest("PUT", f"{VOLUME}/content?keep_partial={str(kept).lower()}")
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        line.send(NEW[: 2 * MIB])
        wait_for(lambda: deck.ask("GET", address).json["replacement"])
        deck.kill()
        line.close()
        deck.start()
        deck.login("demo", "demo")
        wait_for(lambda: all(job["ended"] for job in deck.ask("GET", "/jobs").json or [{"ended": None}]))
        assert (bool(deck.ask("GET", address).json["replacement"]), file.read_bytes() == OLD) == (kept, True)
        line = http.client.HTTPSConnection("localhost", deck.port, context=deck.context())
        line.request("PUT", f"{VOLUME}/content", NEW, {"Cookie": deck.cookie, "X-CSRF-Token": deck.csrf})
        answer = line.getresponse()
        assert answer.status == 200, answer.read()
        line.close()
        assert file.read_bytes() == NEW
        assert {path.name for path in bed.a.images.iterdir()} == {"disk.img"}
    finally:
        deck.stop()


def test_what_others_stand_on_is_not_overwritten(site: Site, file: Path) -> None:
    stand_on(site.bed)
    answer = put(site, NEW)
    assert (answer.status_code, "top.qcow2" in answer.json["detail"]) == (409, True), answer.text
    assert file.read_bytes() == OLD


@pytest.mark.parametrize(
    ("left", "length"),
    [({PARTIAL + NEXT: b"", NEXT: NEW, PARTIAL: b""}, MIB), ({PARTIAL + NEXT: b""}, len(NEW)), ({}, len(NEW))],
    ids=["half of it was there", "all of it, and what came was being removed", "all of it alone"],
)
def test_a_restart_while_it_takes_its_place_changes_nothing(
    bed: Bed, file: Path, tmp_path: Path, left: dict[str, bytes], length: int
) -> None:
    first, ended = Site(bed, tmp_path), threading.Event()
    for name, content in left.items():
        (bed.a.images / f"{name}disk.img").write_bytes(content)
    file.write_bytes(NEW[:length])
    bed.a.virsh("pool-refresh", "default")

    def held(handle: JobHandle) -> None:
        handle.progress(None, phase="place", received_bytes=len(NEW), total_bytes=len(NEW))
        handle.can_cancel(False)
        began.set()
        ended.wait(PATIENCE_SECONDS)
        raise Problem("host-lost", "The service ended.")

    began = threading.Event()
    params = {"pool": "default", "volume": "disk.img", "into": f"{NEXT}disk.img", "kept": True}
    job = first.service.jobs.start(
        "upload", host="local", target="default/disk.img", user="demo", work=held, params=params
    )
    assert began.wait(PATIENCE_SECONDS)
    first.stop()
    ended.set()
    second = Site(bed, tmp_path)
    try:
        job_done(second.client, f"/api/v1/jobs/{job.id}")
        assert file.read_bytes() == NEW
        assert names(second) == {"disk.img"}
    finally:
        second.stop()
