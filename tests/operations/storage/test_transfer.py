"""Uploads beside what others do in the same pool."""

from __future__ import annotations

import io

import pytest

from quarterdeck.access import Role, User
from quarterdeck.app import Service
from quarterdeck.jobs import JobHandle
from quarterdeck.model.storage import PARTIAL, volume_xml
from quarterdeck.operations.storage.ranges import piece
from quarterdeck.operations.storage.storage import Storage
from quarterdeck.operations.storage.transfer import Transfers, UploadQuery
from quarterdeck.operations.storage.uploads import Uploads
from quarterdeck.problems import Problem


def test_a_volume_that_somebody_made_meanwhile_is_not_taken_away(service: Service) -> None:
    volumes = service.hosts.get("local").volumes
    storage = Storage(service.hosts, service.inventory, service.jobs, service.store)
    transfers = Transfers(service.hosts, storage, service.jobs, 1)
    user = User("demo", Role.ADMINISTRATOR)
    body = io.BytesIO(bytes(512))
    upload = transfers.upload(
        "local", "default", "new.img", part=piece(512, None), body=body, query=UploadQuery(), user=user
    )
    made = volumes.create("default", volume_xml("new.img", 1 << 20, "qcow2"))
    with pytest.raises(Problem) as told:
        upload.apply()
    assert told.value.slug == "name-taken", told.value
    assert volumes.row("default", "new.img") == made
    assert PARTIAL + "new.img" not in volumes.names("default")


def test_how_far_an_upload_came_is_known_after_a_restart_also_where_its_marker_is_small(service: Service) -> None:
    def cut(handle: JobHandle) -> None:
        handle.progress(0.5, received_bytes=600, total_bytes=1024)
        raise Problem("upload-cut", "The line was cut.", received_bytes=512)

    job = service.jobs.start("upload", host="local", target="vg/disk", user="demo", work=cut)
    service.jobs.wait(job.id)
    came = Uploads(service.jobs).came(("local", "vg", "disk"), 1 << 20)
    assert (came.received_bytes, came.size_bytes) == (512, 1024)
    other = Uploads(service.jobs).came(("local", "vg", "other"), 1 << 20)
    assert (other.received_bytes, other.size_bytes) == (0, 1 << 20)
