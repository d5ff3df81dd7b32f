"""New machines on real QEMU: each way to install, and nothing left behind where it fails."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import libvirt
import pytest

from quarterdeck.app import Service, create_app
from quarterdeck.config import Config
from tests.conftest import Client
from tests.qemu.bed import Bed, BedHost, wait_for
from tests.qemu.script import Serial
from tests.qemu.tiny_iso import ASKING, ENDLESS, tiny_iso

LOCAL = "/api/v1/hosts/local"


class Site:
    """A service on host `a` of the bed, and a browser."""

    def __init__(self, bed: Bed, folder: Path) -> None:
        self.host: BedHost = bed.a
        self._config = Config(
            run_dir=folder / "run",
            state_dir=folder / "state",
            local_uri=bed.a.local_uri,
            demo=True,
            accelerator="qemu",
        )
        self.start()

    def start(self) -> None:
        self.app = create_app(self._config)
        self.service: Service = self.app.extensions["quarterdeck"]
        assert self.service.hosts.get("local").wait_connected(60)
        self.app.test_client_class = Client
        client = self.app.test_client()
        assert isinstance(client, Client)
        self.client = client.login()

    def stop(self) -> None:
        self.service.close()

    def create(self, status: int = 201, **asked: Any) -> Any:
        values: dict[str, Any] = {"name": "vm1", "memory_mib": 128, "vcpus": 1, "nics": []}
        answer = self.client.post(f"{LOCAL}/domains", json=values | asked)
        assert answer.status_code == status, answer.text
        return answer.json

    def serial(self, name: str = "vm1") -> str:
        log = self.host.space.folder / "log" / "qemu" / f"{name}-serial0.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def put_iso(self, path: Path, name: str = "tiny.iso", **headers: str) -> Any:
        return self.client.put(f"{LOCAL}/pools/default/volumes/{name}/content", data=path.read_bytes(), headers=headers)

    def volumes(self) -> list[str]:
        return sorted(self.host.virsh("vol-list", "default").split()[::2])

    def domains(self) -> list[str]:
        names = self.host.virsh("list", "--all", "--name").split()
        return [name for name in names if not name.startswith("quarterdeck-probe-")]


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def iso(tmp_path: Path) -> Path:
    return tiny_iso(tmp_path / "tiny.iso", "Debian 12.5.0 amd64 n")


def test_iso_installs_and_the_machine_then_starts_from_its_disk(site: Site, iso: Path) -> None:
    assert site.put_iso(iso).status_code == 200
    made = site.create(
        install={"method": "iso", "pool": "default", "volume": "tiny.iso"},
        disks=[{"pool": "default", "size_gib": 0.1}],
        nics=[{"network": "default"}],
        start=False,
    )
    one = f"{LOCAL}/domains/{made['uuid']}"
    late = {"clock": {"offset": "localtime"}, "cpu": {"topology": {"cores": 2}}, "vcpus_max": 2}
    changed = site.client.patch(one, json=late, headers={"If-Match": made["etag"]})
    assert changed.status_code == 200, changed.text
    made = site.client.post(f"{one}/start").json
    assert (made["state"], made["persistent"], made["os"]["name"]) == ("running", True, "Debian 12"), made
    assert (made["installation"], made["pending"]) == ("running", []), "what the installer runs from is no edit"
    assert made["changes_pending"] is False
    wait_for(lambda: "BOOTED FROM DISK" in site.serial(), what="the boot from the disk")
    assert site.serial().index("INSTALLED") < site.serial().index("BOOTED FROM DISK")
    assert site.host.state("vm1") == "running"
    xml = site.host.virsh("dumpxml", "vm1")
    assert "quarterdeck-install" not in xml
    assert "tiny.iso" not in xml
    assert "<on_reboot>restart</on_reboot>" in xml
    assert "<clock offset='localtime'" in xml and "cores='2'" in xml
    log = (site.host.space.folder / "log/qemu/vm1.log").read_text().split("starting up")
    (first,) = (start for start in log if "tiny.iso" in start)
    assert "base=localtime" in first and "cores=2" in first, first


def test_answers_for_windows_are_there_for_the_first_boot_only(site: Site, tmp_path: Path) -> None:
    assert site.put_iso(tiny_iso(tmp_path / "tiny.iso", "CCCOMA_X64FRE_EN-US_DV9")).status_code == 200
    assert site.put_iso(tiny_iso(tmp_path / "drivers.iso", "virtio-win-0.1.240"), "virtio-win.iso").status_code == 200
    answers = {"user": "ann", "password": "geheim"}
    install = {"method": "iso", "pool": "default", "volume": "tiny.iso", "unattended": answers}
    made = site.create(os="win10", firmware="bios", install=install, disks=[{"size_gib": 0.1}], start=False)
    seed = site.host.images / "vm1-seed.iso"
    assert b"<Name>ann</Name>" in seed.read_bytes() and b"geheim" not in seed.read_bytes()
    assert seed.stat().st_mode & 0o077 == 0
    saved = site.host.virsh("domblklist", "vm1")
    assert "virtio-win.iso" in saved and "vm1-seed.iso" not in saved
    assert site.client.post(f"{LOCAL}/domains/{made['uuid']}/start").status_code == 200
    wait_for(lambda: "vm1-seed.iso" not in site.volumes(), what="the answers are gone")
    wait_for(lambda: site.host.state("vm1") == "running", what="Windows goes on from its disk")
    log = (site.host.space.folder / "log/qemu/vm1.log").read_text().split("starting up")
    first, *later = (start for start in log if made["uuid"] in start)
    assert "vm1-seed.iso" in first and later and "vm1-seed.iso" not in "".join(later)


def test_installer_that_ends_while_the_service_is_down_is_followed_up_later(site: Site, tmp_path: Path) -> None:
    site.put_iso(tiny_iso(tmp_path / "tiny.iso", "Debian 12.5.0 amd64 n", installer=ASKING))
    medium = {"method": "iso", "pool": "default", "volume": "tiny.iso"}
    made = site.create(name="vm2", install=medium, disks=[{"size_gib": 0.1}], start=False)
    assert (made["state"], made["installation"]) == ("shut_off", "pending")
    assert "installation-pending" in [finding["id"] for finding in made["findings"]]
    assert site.client.post(f"{LOCAL}/domains/{made['uuid']}/start").status_code == 200
    site.stop()
    serial = Serial(site.host, "vm2")
    serial.send("")
    wait_for(lambda: site.host.state("vm2") == "shut off", what="the installer's end")
    with suppress(libvirt.libvirtError):  # it ended with the machine
        serial.close()
    assert "BOOTED FROM DISK" not in site.serial("vm2")
    site.start()
    wait_for(lambda: "BOOTED FROM DISK" in site.serial("vm2"), what="the boot from the disk")


def test_installer_that_is_forced_off_is_not_followed_up_and_starts_again_from_its_medium(
    site: Site, iso: Path, tmp_path: Path
) -> None:
    site.put_iso(tiny_iso(tmp_path / "endless.iso", installer=ENDLESS))
    medium = {"method": "iso", "pool": "default", "volume": "tiny.iso"}
    made = site.create(name="vm3", install=medium, disks=[{"size_gib": 0.1}])
    assert site.client.post(f"{LOCAL}/domains/{made['uuid']}/destroy").json["state"] == "shut_off"
    assert "quarterdeck-install" in site.host.virsh("dumpxml", "vm3")
    shutil.copy(iso, site.host.images / "tiny.iso")
    assert site.client.post(f"{LOCAL}/domains/{made['uuid']}/start").json["state"] == "running"
    wait_for(lambda: "BOOTED FROM DISK" in site.serial("vm3"), what="the boot from the disk")
    assert "INSTALLED" in site.serial("vm3")


def test_machine_that_somebody_starts_from_its_disk_no_longer_waits_for_its_medium(site: Site, iso: Path) -> None:
    site.put_iso(iso)
    medium = {"method": "iso", "pool": "default", "volume": "tiny.iso"}
    site.create(name="vm4", install=medium, disks=[{"size_gib": 0.1}], start=False)
    site.host.virsh("start", "vm4")
    wait_for(lambda: "quarterdeck-install" not in site.host.virsh("dumpxml", "--inactive", "vm4"))


def test_import_starts_the_disk_as_it_is(site: Site) -> None:
    site.host.make_disk("old.qcow2")
    site.host.virsh("pool-refresh", "default")
    made = site.create(install={"method": "import"}, disks=[{"pool": "default", "volume": "old.qcow2"}])
    assert made["state"] == "running"
    assert site.host.virsh("domblklist", "vm1").split()[-1] == "/var/lib/libvirt/images/old.qcow2"


def test_prepared_windows_finds_its_answers_until_it_is_first_turned_off(site: Site) -> None:
    site.host.make_disk("golden.qcow2")
    site.host.virsh("pool-refresh", "default")
    install = {"method": "import", "unattended": {"user": "ann", "password": "geheim"}}
    disk = {"pool": "default", "volume": "golden.qcow2", "bus": "sata"}
    site.create(os="win10", firmware="bios", install=install, disks=[disk])
    assert "vm1-seed.iso" in site.host.virsh("domblklist", "vm1")
    assert "vm1-seed.iso" not in site.host.virsh("domblklist", "--inactive", "vm1")
    assert b"<Name>ann</Name>" in (site.host.images / "vm1-seed.iso").read_bytes()
    site.host.space.run("sh", "-c", "kill -TERM $(cat /run/libvirt/qemu/vm1.pid)")
    wait_for(lambda: "quarterdeck-install" not in site.host.virsh("dumpxml", "vm1"), what="the first start's end")
    assert site.volumes() == ["golden.qcow2"], "the answers went with it"


def test_network_boot_comes_first_and_the_disk_after_it(site: Site) -> None:
    site.create(install={"method": "pxe"}, disks=[{"size_gib": 0.1}], nics=[{"network": "default"}])
    live = site.host.virsh("dumpxml", "vm1")
    saved = site.host.virsh("dumpxml", "--inactive", "vm1")
    assert live.index("<boot order='2'/>") < live.index("<boot order='1'/>")
    assert saved.index("<boot order='1'/>") < saved.index("<boot order='2'/>")


def test_machine_without_media_is_just_made(site: Site) -> None:
    made = site.create(install={"method": "none"}, start=False, os="win11", memory_mib=4096, title="Empty")
    assert (made["state"], made["firmware"], made["title"]) == ("shut_off", "uefi", "Empty")
    assert {"tpm"} <= {device["type"] for device in made["devices"]}


def test_machine_with_secure_boot_and_tpm_starts(site: Site) -> None:
    made = site.create(install={"method": "none"}, os="win11", memory_mib=512)
    assert (made["state"], made["firmware"], made["secure_boot"]) == ("running", "uefi", True)


def test_every_graphics_console_is_reachable_without_an_open_port(site: Site) -> None:
    site.create(install={"method": "none"})
    assert "<listen type='socket'" in site.host.virsh("dumpxml", "vm1")
    assert ":59" not in site.host.space.run("ss", "-Hltn")


def test_plan_shows_everything_and_touches_nothing(site: Site) -> None:
    before = site.volumes(), site.domains()
    answer = site.client.post(
        f"{LOCAL}/domains?dry_run=true",
        json={"name": "vm1", "os": "debian12", "install": {"method": "pxe"}, "disks": [{"size_gib": 1}]},
    )
    assert answer.status_code == 200
    assert "+<domain" in answer.json["xml_diff"]
    assert answer.json["commands"][0].startswith("virt-install --connect")
    assert {choice["field"] for choice in answer.json["choices"]} >= {"machine", "memory_mib", "vcpus"}
    assert (site.volumes(), site.domains()) == before


def test_failed_start_leaves_nothing_behind(site: Site) -> None:
    site.host.make_disk("locked.img", kind="raw")
    site.host.virsh("pool-refresh", "default")
    site.create(install={"method": "import"}, disks=[{"volume": "locked.img", "shareable": False}], name="first")
    before = site.volumes()
    answer = site.create(
        409,
        name="second",
        install={"method": "import"},
        disks=[{"size_gib": 0.1}, {"volume": "locked.img", "readonly": True, "bus": "sata"}],
    )
    assert answer["detail"]
    assert site.volumes() == before
    assert site.domains() == ["first"]


def test_name_taken_between_plan_and_apply_leaves_nothing_behind(site: Site, bed: Bed) -> None:
    service = site.service
    define = service.hosts.get("local").domains.define

    def late(xml: str) -> str:
        bed.a.define(bed.guest_xml("vm1"))
        return define(xml)

    service.hosts.get("local").domains.define = late  # type: ignore[method-assign]  # another user, just now
    answer = site.create(409, install={"method": "none"}, disks=[{"size_gib": 0.1}])
    assert answer["type"] == "/problems/name-taken"
    assert site.volumes() == []
    assert site.domains() == ["vm1"]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"disks": [{"pool": "nowhere", "size_gib": 1}]}, "/disks/0/pool"),
        ({"disks": [{"volume": "none.qcow2"}]}, "/disks/0/volume"),
        ({"disks": [{}]}, "/disks/0"),
        ({"disks": [{"size_gib": 1, "bus": "ide"}], "machine": "q35"}, "/disks/0/bus"),
        ({"nics": [{"network": "nowhere"}]}, "/nics/0/network"),
        ({"nics": [{"bridge": "nobr0"}]}, "/nics/0/bridge"),
        ({"memory_mib": 1 << 24}, "/memory_mib"),
        ({"vcpus": 4, "vcpus_max": 2}, "/vcpus_max"),
        ({"vcpus": 1000}, "/vcpus"),
        ({"machine": "toaster"}, "/machine"),
        ({"cpu": {"model": "Z80"}}, "/cpu/model"),
        ({"type": "kvm2"}, "/type"),
        ({"os": "plan9"}, "/os"),
        ({"install": {"method": "import"}}, "/disks"),
        ({"install": {"method": "pxe"}, "nics": []}, "/nics"),
        ({"install": {"method": "iso", "pool": "default", "volume": "no.iso"}}, "/install/volume"),
    ],
)
def test_each_fault_is_told_at_its_field(site: Site, asked: dict[str, Any], pointer: str) -> None:
    values: dict[str, Any] = {"name": "vm1", "install": {"method": "none"}, "memory_mib": 128, "nics": []}
    answer = site.client.post(f"{LOCAL}/domains", json=values | asked)
    assert answer.status_code >= 400
    assert pointer in [error["pointer"] for error in answer.json["errors"]], answer.text


def test_uploaded_iso_is_whole_and_recognised(site: Site, tmp_path: Path) -> None:
    iso = tiny_iso(tmp_path / "a.iso", "Debian 13.1.0 amd64 n", size=3_000_000)
    answer = site.put_iso(iso, "a.iso")
    assert answer.status_code == 200, answer.text
    assert (answer.json["is_iso"], answer.json["capacity_bytes"]) == (True, 3_000_000)
    assert site.volumes() == ["a.iso"]
    back = site.client.get(f"{LOCAL}/pools/default/volumes/a.iso/content")
    assert hashlib.sha256(back.data).digest() == hashlib.sha256(iso.read_bytes()).digest()
    found = site.client.get(f"{LOCAL}/osinfo/detect?pool=default&volume=a.iso").json
    assert (found["system"]["short_id"], found["bootable"]) == ("debian13", True)
    held = site.client.get(f"{LOCAL}/pools/default/systems").json
    assert held == [{"volume": "a.iso", "system": "Debian 13", "by_name": False}]


def send(site: Site, data: bytes, total: int, start: int = 0, query: str = "") -> Any:
    """Announce all bytes from `start` on, but send only `data`."""
    return site.client.put(
        f"{LOCAL}/pools/default/volumes/a.iso/content{query}",
        input_stream=io.BytesIO(data),
        headers={"Content-Range": f"bytes {start}-{total - 1}/{total}"},
        environ_overrides={"CONTENT_LENGTH": str(total - start)},
    )


def test_cut_upload_goes_on_where_it_ended_and_is_whole(site: Site, tmp_path: Path) -> None:
    whole = tiny_iso(tmp_path / "a.iso", size=3_000_000).read_bytes()
    cut = send(site, whole[:1_500_000], len(whole), query="?keep_partial=true")
    assert (cut.status_code, cut.json["type"]) == (400, "/problems/upload-cut"), cut.text
    there = site.client.get(f"{LOCAL}/pools/default/volumes/a.iso").json
    received = there["partial"]["received_bytes"]
    assert 0 < received <= 1_500_000
    digest = hashlib.sha256(whole).hexdigest()
    rest = send(site, whole[received:], len(whole), received, f"?keep_partial=true&sha256={digest}")
    assert rest.status_code == 200, rest.text
    assert rest.json["partial"] is None
    assert site.volumes() == ["a.iso"]
    assert (site.host.images / "a.iso").read_bytes() == whole


def test_cut_upload_that_nobody_wants_to_keep_leaves_nothing(site: Site) -> None:
    assert send(site, bytes(1000), 3_000_000).status_code == 400
    assert site.volumes() == []


def test_half_uploaded_medium_cannot_be_installed_from_and_can_be_deleted(site: Site) -> None:
    send(site, bytes(100_000), 3_000_000, query="?keep_partial=true")
    answer = site.create(
        409, install={"method": "iso", "pool": "default", "volume": "a.iso"}, disks=[{"size_gib": 0.1}]
    )
    assert answer["errors"][0]["pointer"] == "/install/volume"
    assert site.client.delete(f"{LOCAL}/pools/default/volumes/a.iso").status_code == 204
    assert site.volumes() == []


def test_wrong_checksum_removes_what_arrived(site: Site, iso: Path) -> None:
    answer = site.client.put(f"{LOCAL}/pools/default/volumes/a.iso/content?sha256={'0' * 64}", data=iso.read_bytes())
    assert answer.status_code == 422
    assert site.volumes() == []


def test_upload_larger_than_the_pool_is_refused_before_a_byte_is_read(site: Site) -> None:
    answer = send(site, b"", 1 << 50)
    assert answer.status_code == 507
    assert site.volumes() == []


class Filling:
    """An upload during which somebody else fills the pool."""

    def __init__(self, data: bytes, site: Site) -> None:
        self._data = io.BytesIO(data)
        self._site = site
        self.tell, self.seek, self.close = self._data.tell, self._data.seek, self._data.close

    def read(self, size: int = -1) -> bytes:
        if self.tell() == 0:
            self._site.host.space.run("sh", "-c", "head -c 6M /dev/zero > /run/small/other; true")
        return self._data.read(size)


def test_pool_that_gets_full_in_the_middle_leaves_nothing_of_the_upload(site: Site) -> None:
    site.host.space.run("sh", "-c", "mkdir -p /run/small && mount -t tmpfs -o size=8m tmpfs /run/small")
    site.host.virsh("pool-create-as", "small", "dir", "--target", "/run/small")
    answer = site.client.put(
        f"{LOCAL}/pools/small/volumes/a.iso/content",
        input_stream=Filling(os.urandom(6 << 20), site),
        environ_overrides={"CONTENT_LENGTH": str(6 << 20)},
    )
    assert answer.status_code >= 400
    assert answer.json["type"] == "/problems/no-space", answer.text
    assert site.host.virsh("vol-list", "small").split()[::2] in ([], ["other"])


def test_volume_of_a_machine_is_not_deleted(site: Site) -> None:
    site.create(install={"method": "none"}, disks=[{"size_gib": 0.1}], start=False)
    answer = site.client.delete(f"{LOCAL}/pools/default/volumes/vm1.qcow2")
    assert (answer.status_code, answer.json["used_by"]) == (409, ["vm1"])


@pytest.mark.parametrize("name", ["-o", ".hidden", "a%0ab", "a%2fb"])
def test_volume_names_that_do_harm_are_refused(site: Site, name: str) -> None:
    answer = site.client.put(f"{LOCAL}/pools/default/volumes/{name}/content", data=b"x")
    assert answer.status_code in (404, 405, 422)
    assert site.volumes() == []
