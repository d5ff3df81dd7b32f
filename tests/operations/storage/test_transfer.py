"""Uploads beside what others do in the same pool."""

from __future__ import annotations

import io

import pytest

from quarterdeck.access import Role, User
from quarterdeck.app import Service
from quarterdeck.model.storage import PARTIAL, volume_xml
from quarterdeck.operations.storage.storage import Storage
from quarterdeck.operations.storage.transfer import Transfers, UploadQuery, piece
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
