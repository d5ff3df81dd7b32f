"""Snapshots of real machines: inside qcow2 and in files, with memory and without, gone back to and merged away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from quarterdeck.access import Role, User
from quarterdeck.hypervisor.snapshots import Snapshots
from quarterdeck.jobs import Job, Jobs, now
from quarterdeck.operations.inventory.usage import Usage
from quarterdeck.operations.snapshots.reading import Machine as Read
from quarterdeck.operations.snapshots.reading import Machines
from quarterdeck.operations.snapshots.request import SnapshotRevert
from quarterdeck.operations.snapshots.revert import Reverts
from quarterdeck.operations.snapshots.take import Takes
from quarterdeck.operations.storage.standing import Standing
from quarterdeck.problems import Problem
from quarterdeck.store import JobRows
from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.script import IMAGES, Machine, Script, Serial
from tests.waiting import job_end, until

MARK = "64k"
MIB = 1 << 20


@pytest.fixture
def script(bed: Bed, tmp_path: Path) -> Iterator[Script]:
    made = Script(bed, tmp_path)
    yield made
    made.stop()


def machine(script: Script, name: str, *, start: bool = True, **settings: object) -> Machine:
    """A machine with a disk that bears a mark."""
    kind = str(settings.get("disk_format", "qcow2"))
    disk = script.bed.a.make_disk(f"{name}.img", "32M", kind=kind)
    made = script.bed.guest_xml(name, disk=disk, **settings)
    found = Machine(script, script.bed.a.define(made), name)
    found.put(str(disk), 1, MARK)
    found.put(str(disk), 9, "128k")
    if start:
        script.bed.a.virsh("start", name)
    return found


def zeros(block: str) -> str:
    """What the guest's shell is told to wipe a block of its disk, down to the disk."""
    return f"dd if=/dev/zero of=/dev/vda bs=64k count=1 seek={block} conv=notrunc,fsync 2>/dev/null"


def in_memory(one: Machine) -> str:
    """The names of the files that the running guest holds in its memory."""
    serial = Serial(one.host, one.name)
    serial.tick()
    serial.send("echo held-$(echo $(ls /dev/shm))-held")
    found = serial.until(r"held-([a-z ]*)-held")[1]
    serial.close()
    return str(found)


def test_internal_ones_of_a_machine_that_is_off_and_then_runs(script: Script) -> None:
    one = machine(script, "inside", start=False)
    disk = one.disk
    one.take("off")
    one.put(disk, 2, MARK)
    assert one.snapshots["off"]["kind"] == "internal"
    one.revert("off", keep="changed")
    assert one.holds(disk, 1, MARK)
    one.revert("changed", state="running")
    assert one.now["state"] == "running"
    serial = Serial(one.host, one.name)
    serial.tick()
    serial.shell("echo > /dev/shm/before")
    one.take("on")
    assert one.snapshots["on"]["memory"]
    serial.shell("echo > /dev/shm/after")
    serial.close()
    one.revert("on")
    assert in_memory(one) == "before", "the guest goes on where it was"
    one.do("DELETE", "/snapshots/off?children=true")
    assert one.snapshots == {}
    one.host.virsh("destroy", one.name)
    assert one.holds(disk, 2, MARK)
    assert "Snapshot list" not in one.host.space.run("qemu-img", "info", disk)


def test_external_ones_of_a_running_machine(script: Script) -> None:
    one = machine(script, "outside")
    base = one.disk
    serial = Serial(one.host, one.name)
    serial.until("guest ready")
    serial.shell("echo > /dev/shm/before")
    one.take("with-memory", kind="external")
    serial.shell(f"echo > /dev/shm/after; {zeros('1')}")
    one.take("disk-only", kind="external", memory=False)
    serial.close()
    assert {name: (s["state"], s["kind"], s["memory"]) for name, s in one.snapshots.items()} == {
        "with-memory": ("running", "external", True),
        "disk-only": ("disk_only", "external", False),
    }
    assert one.snapshots["with-memory"]["disks"][0]["path"] == base
    assert one.snapshots["with-memory"]["size_bytes"] > 1 << 20
    assert one.files() == [
        "outside-vda-disk-only.qcow2",
        "outside-vda-with-memory.qcow2",
        "outside-with-memory.mem",
        "outside.img",
    ]

    one.revert("with-memory")
    assert one.now["snapshot"] == "with-memory"
    assert one.disk == f"{IMAGES}/outside-vda-with-memory-2.qcow2"
    assert "outside-vda-disk-only.qcow2" not in one.files(), "the state that was given up"
    assert in_memory(one) == "before", "its memory came back"
    assert one.holds(one.disk, 1, MARK)
    assert one.holds(f"{IMAGES}/outside-vda-with-memory.qcow2", 0, MARK), "the other branch keeps what was written"

    refused = one.call("DELETE", "/snapshots/with-memory")
    assert refused.status_code == 409
    assert "disk-only" in refused.json["cure"]
    one.do("DELETE", "/snapshots/disk-only")
    serial = Serial(one.host, one.name)
    serial.shell(zeros("2"))
    one.do("DELETE", "/snapshots/with-memory")
    serial.shell("echo > /dev/shm/since")
    serial.close()
    assert in_memory(one) == "before since", "it ran on all the time"
    assert one.files() == ["outside.img"]
    assert one.disk == base
    one.host.virsh("destroy", one.name)
    assert one.holds(base, 1, MARK)
    assert one.holds(base, 0, "128k")
    one.host.virsh("start", one.name)


class Losing(Machines):
    """Loses the host in the moment in which an act is done."""

    def look_again(self, machine: Read, *, pools: Iterable[str]) -> None:
        raise Problem("host-lost", "It is away.")


def revert_and_lose(script: Script, one: Machine, name: str) -> None:
    """Go back to a snapshot; the host is lost when the machine is there, and what it was before is gone."""
    service, jobs = script.service, Jobs(JobRows(script.service.store, 10))
    standing = Standing(service.hosts, Usage(service.hosts, service.inventory))
    reverts = Reverts(Losing(service.hosts, service.inventory, jobs, service.lending, standing), jobs)
    job = reverts.revert("local", one.uuid, name, SnapshotRevert(), User("demo", Role.ADMINISTRATOR)).apply()
    over = until(lambda: (seen := jobs.get(job.id)).over and seen)
    assert (over.state, over.problem["type"]) == ("failed", "/problems/host-lost"), over
    assert one.disk.rpartition("/")[2] in one.files(), (one.disk, one.files(), over)


def test_external_ones_of_a_machine_that_is_off_on_a_raw_disk(script: Script) -> None:
    one = machine(script, "raw", start=False, disk_format="raw")
    base = one.disk
    plan = one.call("POST", "/snapshots?dry_run=true", {"name": "a"}).json
    assert "only qcow2 can hold snapshots inside" in plan["notes"][0]
    for number, name in enumerate("abc", 2):
        one.take(name)
        one.put(one.disk, number, f"{number * 64}k")
    top = one.disk
    assert one.now["snapshot"] == "c"
    one.do("DELETE", "/snapshots/b")
    assert (one.now["state"], one.disk) == ("shut_off", top)
    assert one.snapshots["c"]["parent"] == "a"
    assert one.files() == ["raw-vda-a.qcow2", "raw-vda-c.qcow2", "raw.img"]
    assert one.snapshots["c"]["disks"][0]["path"] == f"{IMAGES}/raw-vda-a.qcow2"
    one.revert("c", keep="now")
    assert one.holds(one.disk, 3, "192k")
    assert not one.holds(one.disk, 4, "256k")
    revert_and_lose(script, one, "c")
    assert one.holds(one.disk, 3, "192k")
    one.revert("now", state="running")
    assert one.holds(one.disk, 4, "256k")
    one.do("DELETE", "/snapshots/a?children=true")
    assert one.snapshots == {}
    assert one.files() == ["raw.img"]
    assert one.disk == base
    one.host.virsh("destroy", one.name)
    one.host.virsh("start", one.name)
    assert [one.holds(base, number, f"{number * 64}k") for number in (1, 2, 3, 4)] == [True] * 4


def stored(one: Machine) -> list[str]:
    """Digests of the UEFI variables and of what the TPM keeps."""
    paths = f"/var/lib/libvirt/qemu/nvram/{one.name}_VARS.fd /var/lib/libvirt/swtpm/{one.uuid}/tpm2/tpm2-00.permall"
    return [line.split()[0] for line in one.host.space.run("sh", "-c", f"md5sum {paths}").splitlines()]


def change(one: Machine) -> None:
    """Let both be others than before."""
    for path in ("qemu/nvram/uefi_VARS.fd", f"swtpm/{one.uuid}/tpm2/tpm2-00.permall"):
        one.host.space.run("sh", "-c", f"echo since >> /var/lib/libvirt/{path}")


def with_uefi_and_tpm(script: Script) -> Machine:
    """A machine that has been started, so that it has variables and a TPM, and is off; before it had neither."""
    disk = script.bed.a.make_disk("uefi.img", "32M")
    tpm = '<tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm></devices>'
    xml = script.bed.guest_xml("uefi", disk=disk).replace("<os>", '<os firmware="efi">').replace("</devices>", tpm)
    found = Machine(script, script.bed.a.define(xml), "uefi")
    early = found.take("early")
    assert "come with its first start" in early["log"][0]["text"], early
    assert found.snapshots["early"]["nvram_path"] is None, early
    found.do("DELETE", "/snapshots/early")
    found.host.virsh("start", "uefi")
    found.host.virsh("destroy", "uefi")
    return found


def take_and_lose(script: Script, one: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose the host in the moment in which a snapshot was just taken, and once more where it was not yet."""
    really = Snapshots.create

    def create(self: Snapshots, uuid: str, xml: str, **named: bool) -> None:
        if "unseen" in xml:
            really(self, uuid, xml, **named)
        raise Problem("host-lost", "It is away.")

    with monkeypatch.context() as patch:
        patch.setattr(Snapshots, "create", create)
        one.take("unseen")
        before = one.files()
        over = one.end(one.begin("POST", "/snapshots", {"name": "not-taken"}), "failed")
    assert over["problem"]["type"] == "/problems/interrupted", over
    assert (one.files(), list(one.snapshots)) == (before, ["unseen"]), over
    assert one.snapshots["unseen"]["nvram_path"] == f"{IMAGES}/uefi-unseen.nvram"
    assert one.snapshots["unseen"]["tpm_path"] == f"{IMAGES}/uefi-unseen.tpm"
    one.do("DELETE", "/snapshots/unseen")
    assert one.files() == ["uefi.img"]


def cut_off(script: Script, one: Machine) -> None:
    """Let a service take up two that were being taken when it was killed: one is not there, the other not noted."""
    service, rows = script.service, JobRows(script.service.store, 10)
    space, started = one.host.space, now()
    params = {"overlays": [], "memory_file": None}
    for name in ("never", "late"):
        copies = {"nvram": f"{IMAGES}/uefi-{name}.nvram", "tpm": None}
        space.run("cp", "-p", f"{IMAGES}/uefi-b.nvram", copies["nvram"])
        about = {"id": name, "kind": "take-snapshot", "host": "local", "target": one.uuid, "user": "demo"}
        job = Job.model_validate(about | {"state": "running", "started": started})
        rows.put(name, job.state, started, job.model_dump_json(), params | {"name": name, "copies": copies})
    one.host.virsh("snapshot-create-as", one.name, "late", "--disk-only", "--atomic")
    jobs = Jobs(rows)
    standing = Standing(service.hosts, Usage(service.hosts, service.inventory))
    Takes(Machines(service.hosts, service.inventory, jobs, service.lending, standing), jobs)
    jobs.resume()
    over = {name: until(lambda name=name: (seen := jobs.get(name)).over and seen) for name in ("never", "late")}
    assert (over["never"].state, over["late"].state) == ("failed", "done"), over
    assert one.snapshots["late"]["nvram_path"] == f"{IMAGES}/uefi-late.nvram", over
    assert "uefi-never.nvram" not in one.files(), over
    one.do("DELETE", "/snapshots/late")
    assert "uefi-late.nvram" not in one.files()


def with_memory_too(one: Machine) -> None:
    """Both also go back where the memory is kept."""
    one.host.virsh("suspend", one.name)
    then = stored(one)
    one.take("whole")
    assert (one.snapshots["whole"]["memory"], one.snapshots["whole"]["state"]) == (True, "paused")
    one.host.virsh("destroy", one.name)
    change(one)
    assert not set(stored(one)) & set(then)
    one.revert("whole")
    assert (one.now["state"], stored(one)) == ("paused", then)
    one.do("DELETE", "/snapshots/whole")
    one.host.virsh("resume", one.name)


def test_uefi_variables_and_the_tpm_go_back_and_with_a_copy(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    one = with_uefi_and_tpm(script)
    take_and_lose(script, one, monkeypatch)
    then = stored(one)
    plan = one.call("POST", "/snapshots?dry_run=true", {"name": "off"}).json
    assert any("its UEFI variables and the content of its TPM" in note for note in plan["notes"]), plan
    assert not any("not part of it" in warning for warning in plan["warnings"]), plan
    one.take("off")
    seen = one.snapshots["off"]
    assert (seen["kind"], seen["nvram_path"]) == ("internal", f"{IMAGES}/uefi-off.nvram"), seen
    assert one.files() == ["uefi-off.nvram", "uefi-off.tpm", "uefi.img"]
    assert one.host.space.run("stat", "-c", "%a", f"{IMAGES}/uefi-off.tpm") == "600\n"
    change(one)
    assert not set(stored(one)) & set(then)
    one.revert("off", keep="later")
    assert stored(one) == then
    assert "copies" not in one.host.virsh("dumpxml", "uefi")
    one.do("DELETE", "/snapshots/off?children=true")
    assert (one.snapshots, one.files()) == ({}, ["uefi.img"])

    one.host.virsh("start", one.name)
    refused = one.call("POST", "/snapshots", {"name": "b", "kind": "internal"})
    assert "UEFI" in refused.json["errors"][0]["detail"]
    with_memory_too(one)
    one.take("b", memory=False)
    assert one.files() == ["uefi-b.nvram", "uefi-b.tpm", "uefi-vda-b.qcow2", "uefi.img"]
    cut_off(script, one)
    done = one.do("POST", "/snapshots/b/clone", {"name": "twin", "mode": "linked", "tpm_state": "copy"})
    twin = Machine(script, done["result"]["uuid"], "twin")
    one.revert("b", state="paused")
    assert one.now["state"] == "paused"
    one.host.virsh("destroy", one.name)
    assert stored(twin)[0] == stored(one)[0], "variables of that moment"
    one.host.space.run("rm", f"{IMAGES}/uefi-b.nvram")
    over = one.revert("b", state="shut_off")
    assert any("uefi-b.nvram is gone" in line["text"] for line in over["log"]), over
    one.host.virsh("start", "twin")
    assert one.host.virsh("pool-list", "--name").split() == ["default", "shared"]
    assert twin.call("DELETE", "?volumes=all").status_code == 204
    assert one.call("DELETE", "?volumes=all").status_code == 204
    assert one.files() == []


def test_files_that_something_else_stands_on_are_left_alone(script: Script) -> None:
    one = machine(script, "base", start=False)
    one.take("a", kind="external")
    one.host.space.run("mkdir", "-p", "/var/lib/libvirt/beside")
    one.host.virsh("pool-define-as", "spare", "dir", "--target", "/var/lib/libvirt/beside")
    one.host.virsh("pool-start", "spare")
    linked = {"name": "linked", "mode": "linked", "disks": [{"target": "vda", "pool": "spare"}]}
    clone = Machine(script, one.do("POST", "/snapshots/a/clone", linked)["result"]["uuid"], "linked")
    for suffix in ("", "?children=true"):
        refused = one.call("DELETE", f"/snapshots/a{suffix}")
        assert refused.status_code == 409
        assert "/beside/linked.qcow2 stands on it" in refused.json["detail"]
    one.put(one.disk, 7, MARK)
    one.host.virsh("pool-destroy", "spare")
    told = one.call("DELETE", "/snapshots/a?dry_run=true").json["warnings"]
    assert any("Pools that do not run (spare)" in warning for warning in told), told
    assert clone.holds(clone.disk, 1, MARK)
    one.do("DELETE", "/snapshots/a?metadata_only=true")
    assert one.snapshots == {}
    assert one.disk.endswith("base-vda-a.qcow2")


def test_one_that_cannot_be_taken_leaves_nothing(script: Script) -> None:
    one = machine(script, "unlucky")
    wish = {"name": "a", "memory": False, "quiesce": True}
    refused = one.call("POST", "/snapshots?dry_run=true", wish).json
    assert refused["errors"] == [
        {"pointer": "/quiesce", "detail": "It has no guest agent: add the channel org.qemu.guest_agent.0."}
    ]
    silent = machine(script, "silent", agent=True, start=False)
    text = silent.host.virsh("dumpxml", "silent").replace("agent=1", "agent=0")
    (script.folder / "silent.xml").write_text(text)
    silent.host.virsh("define", str(script.folder / "silent.xml"))
    silent.host.virsh("start", "silent")
    refused = silent.call("POST", "/snapshots?dry_run=true", wish).json
    assert "install qemu-guest-agent in the guest" in refused["errors"][0]["detail"], refused
    one.host.space.run("ln", "-s", "/nowhere/there", f"{IMAGES}/unlucky-vda-a.qcow2")
    over = one.end(one.begin("POST", "/snapshots", wish | {"quiesce": False}), "failed")
    assert one.snapshots == {}, over
    assert one.disk.endswith("unlucky.img")
    assert one.files() == ["silent.img", "unlucky-vda-a.qcow2", "unlucky.img"]


def test_what_cannot_be_part_of_one_is_told_before_and_left_out(script: Script) -> None:
    nvme = """<disk type="nvme" device="disk"><driver name="qemu" type="raw"/><source type="pci" managed="yes"
    namespace="1"><address domain="0" bus="0x1f" slot="0" function="0"/></source><target dev="vdn"/></disk>"""
    floppy = f'<disk type="file" device="floppy"><source file="{IMAGES}/a.flp"/><target dev="fda"/></disk>'
    shared = '<shmem name="x"><model type="ivshmem-plain"/><size unit="M">4</size></shmem>'
    one, file = machine(script, "odd", start=False), script.folder / "odd.xml"
    one.host.space.run("truncate", "-s", "1440K", f"{IMAGES}/a.flp")
    plain = one.host.virsh("dumpxml", "odd")
    file.write_text(plain.replace("</devices>", f"{shared}</devices>"))
    one.host.virsh("define", str(file))
    one.host.virsh("start", "odd")
    refused = one.call("POST", "/snapshots?dry_run=true", {"name": "a", "memory": True}).json
    assert refused["errors"][0]["pointer"] == "/memory", refused
    one.take("a", kind="external")
    assert not one.snapshots["a"]["memory"]
    one.do("DELETE", "/snapshots/a")
    one.host.virsh("destroy", "odd")
    file.write_text(plain.replace("</devices>", f"{nvme}{floppy}</devices>"))
    one.host.virsh("define", str(file))
    refused = one.call("POST", "/snapshots?dry_run=true", {"name": "b"}).json
    assert "vdn is an NVMe device" in refused["errors"][0]["detail"], refused
    one.take("b", disks=["vda"])
    assert [each["target"] for each in one.snapshots["b"]["disks"]] == ["vda"], "the floppy goes on as it is"


def test_a_cancelled_merge_hurts_the_snapshot_only_and_is_taken_up_again(script: Script) -> None:
    one = machine(script, "patient", start=False)
    base = one.disk
    one.take("a", kind="external")
    one.host.space.run("qemu-io", "-c", "write -P 5 1M 30M", one.disk)
    one.host.virsh("start", one.name)
    job = one.begin("DELETE", "/snapshots/a?bandwidth_mib_s=1")
    one.reached(job, lambda seen: seen["details"].get("total_bytes", 0) > MIB)
    assert one.client.delete(job).status_code in (200, 202), "it may be over at once"
    one.end(job, "cancelled")
    assert one.snapshots["a"]["broken"]
    assert "its state is lost" in one.call("POST", "/snapshots/a/revert", {}).json["detail"]
    assert one.holds(one.disk, 5, "30M")
    one.do("DELETE", "/snapshots/a")
    assert (one.snapshots, one.files(), one.disk) == ({}, ["patient.img"], base)
    assert one.holds(base, 5, "30M")
    assert one.holds(base, 1, MARK)


def test_a_killed_service_goes_on_merging(bed: Bed, tmp_path: Path, begin_deck: Callable[..., Deck]) -> None:
    script = Script(bed, tmp_path / "first")
    one = machine(script, "survivor", start=False)
    base = one.disk
    for name in "ab":
        one.take(name, kind="external")
        one.host.space.run("qemu-io", "-c", "write -P 5 1M 30M", one.disk)
    script.stop()
    deck = begin_deck(bed)
    snapshots = f"/hosts/local/domains/{one.uuid}/snapshots"
    wait_for(lambda: deck.ask("GET", snapshots).status == 200)
    job = deck.begin("DELETE", f"{snapshots}/a?children=true&bandwidth_mib_s=1")
    deck.reached(job, lambda seen: seen["details"].get("total_bytes", 0) > MIB)
    deck.kill()
    deck.start()
    deck.login("demo", "demo")
    deck.reached(job, lambda seen: seen["details"].get("total_bytes", 0) > MIB)
    deck.ask("PATCH", f"/jobs/{job}", {"bandwidth_mib_s": 0})
    deck.ended(job)
    assert deck.ask("GET", snapshots).json == []
    deck.stop()
    assert (bed.a.state("survivor"), one.files(), one.disk) == ("shut off", ["survivor.img"], base)
    assert one.holds(base, 5, "30M")


def test_the_files_of_snapshots_are_guarded_and_go_with_the_machine(script: Script) -> None:
    one = machine(script, "whole", start=False)
    one.take("a", kind="external")
    one.revert("a", keep="b")
    volumes = one.call("GET", "/volumes").json
    assert [(each["target"], each["volume"]) for each in volumes] == [
        ("vda", "whole-vda-a-2.qcow2"),
        ("snapshot-1", "whole-vda-a.qcow2"),
        ("snapshot-2", "whole.img"),
    ]
    refused = one.client.delete("/api/v1/hosts/local/pools/default/volumes/whole-vda-a.qcow2")
    assert refused.json["used_by"] == ["whole"]
    assert one.call("DELETE", "?volumes=all").status_code == 204
    assert one.files() == []


def test_a_new_machine_grows_from_a_snapshot_while_the_old_one_runs(script: Script) -> None:
    one = machine(script, "mother", start=False)
    one.take("then", kind="external")
    one.put(one.disk, 8, MARK)
    one.host.virsh("start", one.name)
    done = one.do("POST", "/snapshots/then/clone", {"name": "copy"})
    copy = Machine(script, done["result"]["uuid"], "copy")
    assert copy.holds(copy.disk, 1, MARK)
    assert (one.now["state"], copy.now["state"], copy.now["snapshots"]) == ("running", "shut_off", 0)
    wish = {"name": "link", "mode": "linked", "template": True}
    told = one.call("POST", "/snapshots/then/clone?dry_run=true", wish).json["warnings"]
    assert "It needs the disks of the snapshot then, which must stay." in told, told
    done = one.do("POST", "/snapshots/then/clone", wish)
    link = Machine(script, done["result"]["uuid"], "link")
    assert link.holds(link.disk, 1, MARK)
    assert (link.now["template_version"], link.now["state"]) == (1, "shut_off"), done
    made = link.do("POST", "/clone", {"name": "of-it", "mode": "linked"})
    child = Machine(script, made["result"]["uuid"], "of-it")
    assert child.now["origin"] == {"uuid": link.uuid, "name": "link", "version": 1}, made
    assert child.holds(child.disk, 1, MARK)
    refused = one.call("DELETE", "/snapshots/then")
    assert refused.status_code == 409
    assert "stands on it" in refused.json["detail"]
    assert one.holds(one.disk, 8, MARK)


def test_a_preview_is_dropped_without_a_trace_and_another_one_kept(script: Script) -> None:
    one = machine(script, "looker")
    serial = Serial(one.host, one.name)
    serial.until("guest ready")
    one.take("then", kind="external")
    serial.shell(zeros("1"))
    then = serial.tick()
    serial.close()
    before = (one.disk, one.files())
    one.do("POST", "/snapshot-preview", {"snapshot": "then"})
    assert one.snapshots["before-preview"]["preview_of"] == "then"
    assert one.holds(one.disk, 1, MARK)
    one.do("POST", "/snapshot-preview/drop")
    assert ((one.disk, one.files()), list(one.snapshots), one.now["snapshot"]) == (before, ["then"], "then")
    serial = Serial(one.host, one.name)
    assert serial.tick() >= then, "the guest goes on where it was before the preview"
    serial.close()
    assert one.holds(one.disk, 0, MARK)
    one.do("POST", "/snapshot-preview", {"snapshot": "then", "state": "shut_off"})
    one.do("POST", "/snapshot-preview/keep")
    assert (one.now["state"], list(one.snapshots)) == ("shut_off", ["then"])
    assert one.holds(one.disk, 1, MARK)
    assert one.files() == ["looker-then.mem", "looker-vda-then-2.qcow2", "looker.img"]


def test_a_killed_service_goes_on_taking_one_and_going_back(
    bed: Bed, tmp_path: Path, begin_deck: Callable[..., Deck]
) -> None:
    script = Script(bed, tmp_path / "first")
    one = machine(script, "returner")
    script.stop()
    deck = begin_deck(bed)
    snapshots = f"/hosts/local/domains/{one.uuid}/snapshots"
    wait_for(lambda: deck.ask("GET", snapshots).status == 200)

    def is_off() -> bool:
        return bed.a.state("returner") != "running"

    def kill_in(job: str, begun: Callable[[], bool] = is_off) -> None:
        wait_for(lambda: begun() or deck.job(job)["ended"])  # at best in mid-act
        deck.kill()
        deck.start()
        deck.login("demo", "demo")
        deck.ended(job)

    taken = deck.begin("POST", snapshots, {"name": "then", "kind": "external"})
    kill_in(taken, lambda: "returner-then.mem" in one.files())
    kill_in(deck.begin("POST", f"{snapshots}/then/revert", {}))
    before, preview = one.disk, f"/hosts/local/domains/{one.uuid}/snapshot-preview"
    deck.ended(deck.begin("POST", preview, {"snapshot": "then"}))
    assert one.disk != before
    kill_in(deck.begin("POST", f"{preview}/drop", {}))
    assert one.disk == before
    found = deck.ask("GET", snapshots).json
    deck.stop()
    assert (bed.a.state("returner"), [each["current"] for each in found]) == ("running", [True])
    assert one.disk == f"{IMAGES}/returner-vda-then-2.qcow2"
    assert one.files() == ["returner-then.mem", "returner-vda-then-2.qcow2", "returner.img"]


def test_going_back_that_fails_after_a_restart_leaves_the_machine_its_disk(script: Script) -> None:
    one, service = machine(script, "halfway"), script.service
    one.take("then", kind="external")
    one.host.virsh("destroy", one.name)
    base, top = f"{IMAGES}/halfway.img", f"{IMAGES}/halfway-vda-then-2.qcow2"
    one.host.space.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", top)
    (script.folder / "halfway.xml").write_text(one.host.virsh("dumpxml", one.name).replace(one.disk, top))
    one.host.virsh("define", str(script.folder / "halfway.xml"))
    one.host.space.run("rm", f"{IMAGES}/halfway-then.mem")
    rows, started = JobRows(service.store, 10), now()
    overlay = {"target": "vda", "below": base, "below_format": "qcow2", "path": top}
    params = {"name": "then", "state": "running", "internal": False, "was": "shut_off", "keep": None, "drop": []}
    about = {"id": "back", "kind": "revert", "host": "local", "target": one.uuid, "user": "demo"}
    job = Job.model_validate(about | {"state": "running", "started": started})
    rows.put("back", job.state, started, job.model_dump_json(), params | {"overlays": [overlay]})
    jobs = Jobs(rows)
    standing = Standing(service.hosts, Usage(service.hosts, service.inventory))
    Reverts(Machines(service.hosts, service.inventory, jobs, service.lending, standing), jobs)
    jobs.resume()
    over = until(lambda: (seen := jobs.get("back")).over and seen)
    assert (over.state, one.disk) == ("failed", top), over
    one.host.virsh("start", one.name)


def test_a_guest_that_writes_all_down_first_and_a_disk_that_moves_away_from_its_snapshots(script: Script) -> None:
    one = machine(script, "calm", agent=True)
    wait_for(lambda: "connected" in one.host.virsh("dumpxml", one.name) and _agent(one))
    one.take("quiet", memory=False, quiesce=True)
    assert one.snapshots["quiet"]["state"] == "disk_only"
    one.host.space.run("mkdir", "-p", "/var/lib/libvirt/aside")
    one.host.virsh("pool-create-as", "spare", "dir", "--target", "/var/lib/libvirt/aside")
    one.do("POST", "/devices/disk-vda/move", {"pool": "spare", "keep_source": False})
    assert one.disk == "/var/lib/libvirt/aside/calm-vda-quiet.qcow2"
    assert one.files() == ["calm.img"], "the frozen file stays, what stood on it is gone"
    one.revert("quiet", state="running")
    assert one.disk == f"{IMAGES}/calm-vda-quiet-2.qcow2"
    assert one.host.space.run("ls", "/var/lib/libvirt/aside") == ""
    assert one.holds(one.disk, 1, MARK)
    one.do("DELETE", "/snapshots/quiet")
    assert one.files() == ["calm.img"]


def _agent(one: Machine) -> bool:
    """Whether the guest's agent answers."""
    return "return" in one.host.virsh("qemu-agent-command", one.name, '{"execute":"guest-ping"}', check=False)


def test_a_snapshot_that_is_cancelled_leaves_nothing_and_the_machine_runs(script: Script) -> None:
    one = machine(script, "hasty", memory_mib=640, dirty_mib=400)
    serial = Serial(one.host, one.name)
    serial.until("guest ready")
    serial.tick()
    job = one.begin("POST", "/snapshots", {"name": "a", "kind": "external"})
    assert one.client.delete(job).status_code in (200, 202)
    over = job_end(one.client, job)
    serial.tick()
    serial.close()
    assert one.host.state("hasty") == "running"
    if over["state"] == "done":  # it was quicker; then it is there in whole
        one.revert("a", state="running")
    else:
        assert over["problem"]["type"] == "/problems/cancelled"
        assert (one.snapshots, one.files()) == ({}, ["hasty.img"])
