"""Definitions of pools of each type, made and edited: `pytest --regenerate` writes them anew; review reads the diff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pydantic import TypeAdapter, ValidationError

from quarterdeck.model.pool import TYPES, PoolCreate
from quarterdeck.model.pool_form import PoolSource, pool_types, read_device, read_settings, read_sources
from quarterdeck.model.pool_parts import HasLogin, PoolSettings
from quarterdeck.model.xml import dump, parse
from tests.model.conftest import Golden
from tests.model.libvirt_schema import assert_fits

DATA = Path(__file__).parent.parent / "data" / "pool"
ADAPTER: TypeAdapter[PoolSettings] = TypeAdapter(PoolCreate)
IQN, SECRET = "iqn.2026-01.org.example:disks", "5d1c5a3e-7a0f-4c62-9f0e-2f4f3a3a6a02"
LOGIN = {"username": "me", "secret": SECRET}
PERMISSIONS = {"mode": "0711", "owner": 64055, "group": 64055}
MADE: dict[str, dict[str, Any]] = {
    "dir": {"path": "/srv/images", **PERMISSIONS},
    "fs": {"path": "/mnt/fs", "source_device": "/dev/sdb1", "source_format": "xfs", **PERMISSIONS},
    "netfs": {
        "path": "/mnt/nfs",
        "source_host": "nas.example.org",
        "source_path": "/export",
        "source_format": "nfs",
        "source_protocol_ver": "4.2",
        **PERMISSIONS,
    },
    "logical": {"source_name": "vg0", "source_devices": ("/dev/sdb", "/dev/sdc"), "path": "/dev/vg0"},
    "disk": {"source_device": "/dev/sdb", "source_format": "gpt", "path": "/dev"},
    "iscsi": {
        "source_host": "san",
        "source_port": 3261,
        "source_device": IQN,
        "source_initiator": f"{IQN}-me",
        "path": "/dev/disk/by-path",
        **LOGIN,
    },
    "iscsi-direct": {
        "source_host": "san",
        "source_port": 3261,
        "source_device": IQN,
        "source_initiator": f"{IQN}-me",
        **LOGIN,
    },
    "scsi": {
        "adapter": "fc_host",
        "adapter_parent": "scsi_host3",
        "adapter_wwnn": "20000000c9831b4b",
        "adapter_wwpn": "10000000c9831b4b",
        "path": "/dev/disk/by-path",
    },
    "mpath": {"path": "/dev/mapper"},
    "zfs": {"source_name": "tank/images", "source_devices": ("/dev/sdb",)},
    "rbd": {"source_hosts": ("mon1", "mon2"), "source_name": "rbd", **LOGIN},
    "gluster": {"source_host": "g1", "source_name": "volume", "source_path": "/images"},
    "vstorage": {"path": "/vs", "source_name": "cluster", **PERMISSIONS},
}
EDITS: dict[str, dict[str, Any]] = {
    "netfs": {"source_host": "other", "source_path": "/b", "source_protocol_ver": None, "mode": "0755", "group": None},
    "rbd": {"source_hosts": ("mon3",), "username": None, "secret": None},
    "logical": {"source_devices": ("/dev/sdd", "/dev/sde", "/dev/sdf")},
    "iscsi": {"source_port": None, "source_initiator": None, "path": "/dev/disk/by-id"},
}


def asked(kind: str, **changes: Any) -> PoolSettings:
    return ADAPTER.validate_python({"type": kind, "name": "pool"} | MADE[kind] | changes)


def test_password_that_is_typed_is_kept_as_libvirt_wants_it_and_shown_nowhere() -> None:
    login = {"secret": None, "password": "c2VjcmV0"}
    chap, ceph = asked("iscsi", **login), asked("rbd", **login)
    assert isinstance(chap, HasLogin) and isinstance(ceph, HasLogin)
    assert (chap.secret_value(), ceph.secret_value()) == (b"c2VjcmV0", b"secret")
    assert "c2VjcmV0" not in f"{chap!r} {chap.model_dump_json()} {dump(type(chap).build(chap.definition()))}"
    for wrong in ({"password": "no key"}, {"password": None}):
        with pytest.raises(ValidationError):
            asked("rbd", **login | wrong)


@pytest.mark.parametrize("kind", TYPES)
def test_each_type_fits_libvirts_schema_and_is_read_back_as_asked(kind: str, golden: Golden) -> None:
    body = asked(kind)
    root = type(body).build(body.definition())
    assert_fits("storagepool", root)
    golden(DATA / f"{kind}.xml", dump(root) + "\n")
    read = read_settings(root)
    assert read is not None
    given = MADE[kind]
    assert {name: getattr(read, name) for name in given} == given


@pytest.mark.parametrize("kind", EDITS)
def test_edit_changes_what_was_asked_and_keeps_what_we_do_not_know(kind: str, golden: Golden) -> None:
    root = parse((DATA / f"{kind}.xml").read_text())
    etree.SubElement(root, "features")
    body = asked(kind, **EDITS[kind])
    type(body).patch(root, body.definition())
    assert root.find("features") is not None
    assert_fits("storagepool", root)
    golden(DATA / f"{kind}.edited.xml", dump(root) + "\n")
    read = read_settings(root)
    assert read is not None and {name: getattr(read, name) for name in EDITS[kind]} == EDITS[kind]


def test_goldens_use_every_value_of_every_type() -> None:
    known = {"name", "type", "auth", "source_format", "adapter_name"}
    missing = {kind: set(TYPES[kind].places) - set(MADE[kind]) - known for kind in TYPES}
    assert {kind: names for kind, names in missing.items() if names} == {}


def test_types_without_a_driver_say_so() -> None:
    told = "<storagepoolCapabilities><pool type='dir' supported='yes'/><pool type='rbd' supported='no'/>"
    told += "</storagepoolCapabilities>"
    types = {kind.type: kind for kind in pool_types(told)}
    assert types["dir"].available and types["dir"].reason is None
    assert not types["rbd"].available and "storage-rbd" in (types["rbd"].reason or "")


def test_fields_of_one_kind_of_adapter_name_it() -> None:
    (scsi,) = (kind for kind in pool_types(None) if kind.type == "scsi")
    needs = {field.name: field.when for field in scsi.fields}
    assert needs["adapter_name"] == "adapter=scsi_host"
    assert needs["adapter_wwpn"] == "adapter=fc_host"


def test_definition_that_goes_beyond_the_form_has_no_settings() -> None:
    assert read_settings(parse("<pool type='sheepdog'><name>a</name></pool>")) is None
    assert read_settings(parse("<pool type='netfs'><name>a</name></pool>")) is None


def test_what_a_server_exports_becomes_values_of_the_form() -> None:
    told = """<sources><source><host name='nas'/><dir path='/a'/><format type='nfs'/></source>
      <source><host name='nas'/><dir path='/b'/><format type='nfs'/></source></sources>"""
    found = read_sources("netfs", told)
    assert [source.title for source in found] == ["nas /a", "nas /b"]
    assert found[0].settings == {"source_host": "nas", "source_path": "/a", "source_format": "nfs"}


DISK = """<device><name>block_sdb</name><capability type='storage'><block>/dev/sdb</block><drive_type>{0}</drive_type>
  <model>WDC WD5000</model><vendor>ATA</vendor><size>536870912000</size></capability></device>"""
SCSI_HOST = "<device><name>scsi_host2</name><capability type='scsi_host'><host>2</host></capability></device>"


def test_disks_and_adapters_of_the_host_fill_the_form() -> None:
    disk, adapter = read_device("block_sdb", DISK.format("disk")), read_device("scsi_host2", SCSI_HOST)
    assert disk == PoolSource(title="/dev/sdb, 500 GiB, ATA WDC WD5000", settings={"source_device": "/dev/sdb"})
    assert adapter and adapter.settings == {"adapter": "scsi_host", "adapter_name": "scsi_host2"}
    assert read_device("block_sr0", DISK.format("cdrom")) is None
