"""Who needs a file, by whatever name, and where nobody can tell."""

from __future__ import annotations

from quarterdeck.app import Service
from quarterdeck.hypervisor.volumes import VolumeRow
from quarterdeck.operations.storage.names import Names
from quarterdeck.operations.storage.standing import SAME_PERHAPS, Ground
from tests.conftest import Client

DISK = "/images/disk.qcow2"
LOCAL = "/api/v1/hosts/local"
BY_NAME = """
<domain type="test"><name>by-name</name><memory>1024</memory><os><type>hvm</type></os><devices>
  <disk type="volume"><source pool="default" volume="web-1.qcow2"/><target dev="vda"/></disk>
</devices></domain>
"""


def ground(names: Names, users: dict[str, list[str]], *layers: tuple[str, str]) -> Ground:
    rows = [(VolumeRow(path, path, path, "file", 0, 0), below) for path, below in layers]
    return Ground(names, rows, users, {"fast/disk.qcow2": "/fast/disk.qcow2"}, [], [])


def test_only_a_name_of_which_nobody_can_tell_is_warned_of() -> None:
    seen = Names({DISK: "file 1:1", "/fast/disk.qcow2": "file 1:2"}, frozenset({"/gone/disk.qcow2"}))
    users = {path: [path] for path in (DISK, "fast/disk.qcow2", "/gone/disk.qcow2", "/closed/disk.qcow2")}
    found = ground(seen, users, ("/closed/top.qcow2", "/deep/disk.qcow2"), ("/closed/own.qcow2", "/deep/other.qcow2"))
    told = [
        SAME_PERHAPS.format("/closed/disk.qcow2", "/closed/disk.qcow2", DISK),
        SAME_PERHAPS.format("/closed/top.qcow2", "/deep/disk.qcow2", DISK),
    ]
    assert found.doubts(DISK) == told
    assert found.doubts(DISK, but="/closed/disk.qcow2") == told[1:]


def test_who_names_a_disk_by_pool_and_volume_keeps_it_from_going_with_another_machine(
    client: Client, service: Service
) -> None:
    uuid = {each["name"]: each["uuid"] for each in client.get(f"{LOCAL}/domains").json}["web-1"]

    def disk() -> dict[str, object]:
        return {each["volume"]: each for each in client.get(f"{LOCAL}/domains/{uuid}/volumes").json}["web-1.qcow2"]

    assert (disk()["deletable"], disk()["shared_by"]) == (True, [])
    service.hosts.get("local").domains.define(BY_NAME)
    service.inventory.refresh_host("local")
    assert (disk()["deletable"], disk()["shared_by"]) == (False, ["by-name"])


def test_an_image_that_another_tool_deleted_keeps_nothing(client: Client, service: Service) -> None:
    volumes = f"{LOCAL}/pools/default/volumes"
    made = client.post(
        volumes, json={"name": "top.qcow2", "size_gib": 50, "backing": {"pool": "default", "volume": "spare.qcow2"}}
    )
    assert made.status_code == 201, made.text
    assert client.get(f"{volumes}/spare.qcow2").json["needed_by"] == ["top.qcow2"]
    service.hosts.get("local").volumes.delete("default", "top.qcow2")
    assert client.get(f"{volumes}/spare.qcow2").json["needed_by"] == []
