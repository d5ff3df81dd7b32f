"""An import that fails, is cancelled or killed leaves none of its disks, whatever its files are."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.test_appliances import LOCAL, VMDK, deck, end_early, far, follow, foreign
from tests.qemu.test_clone import FOLDER, MARK, disk, files, read
from tests.qemu.test_downloads import children, web
from tests.qemu.test_imports import envelope
from tests.waiting import until

__all__ = ["deck", "far"]
KINDS = ("disk", "vmx", "ovf", "ova", "path")
FORMATS = ("raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx")


def source(bed: Bed, folder: Path, kind: str, parts: list[str]) -> dict[str, Any]:
    """A machine with these disks of the pool as a file of this kind, as an import is asked for."""
    images = bed.a.images
    if kind == "disk":
        return {"pool": "default", "volume": parts[-1]}
    lines = [f'scsi0:{number}.fileName = "{name}"' for number, name in enumerate(parts)]
    (images / "two.vmx").write_text("\n".join(['config.version = "8"', *lines]))
    (images / "two.ovf").write_text(envelope(dict.fromkeys(parts, "identity")))
    with tarfile.open(images / "two.ova", "w", format=tarfile.USTAR_FORMAT) as archive:
        for name in ("two.ovf", *parts):
            archive.add(images / name, name)
    if kind == "path":
        for name in ("two.vmx", *parts):
            shutil.copy(images / name, folder)
        return {"path": f"{folder}/two.vmx"}
    more = {} if kind == "vmx" else {"machine": "second"}
    return {"pool": "default", "volume": f"two.{kind}"} | more


def test_import_whose_last_disk_is_damaged_leaves_none(deck: Deck, bed: Bed, tmp_path: Path) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    with (bed.a.images / "origin.img").open("r+b") as file:
        file.write(bytes(range(256)) * (4 << 12))
    foreign(bed, "whole.vmdk", "vmdk")
    data = (bed.a.images / "whole.vmdk").read_bytes()
    (bed.a.images / "half.vmdk").write_bytes(data[: len(data) * 3 // 5])
    for kind in KINDS:
        asked = source(bed, tmp_path, kind, ["whole.vmdk", "half.vmdk"])
        bed.a.virsh("pool-refresh", "default")
        before, pools = files(bed), bed.a.virsh("pool-list", "--all", "--name")
        answer = deck.ask("POST", f"{LOCAL}/imports", asked | {"to_pool": "default", "name": f"got-{kind}"})
        job = follow(deck, answer, "failed")
        assert "half.vmdk is damaged or not complete" in job["problem"]["detail"], (kind, job)
        assert (files(bed), bed.a.virsh("pool-list", "--all", "--name")) == (before, pools), kind


@pytest.mark.parametrize(("way", "kind"), [("cancel", "ova"), ("kill", "path")])
def test_import_that_ends_while_its_last_disk_is_written_leaves_none(
    far: Deck, bed: Bed, tmp_path: Path, way: str, kind: str
) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    foreign(bed, "first.vmdk", "vmdk")
    bed.a.space.run("sh", "-c", f"head -c 30M /dev/urandom > {FOLDER}/origin.img")
    foreign(bed, "last.vmdk", "vmdk")
    asked = source(bed, tmp_path, kind, ["first.vmdk", "last.vmdk"])
    bed.a.virsh("pool-refresh", "default")
    before, pools = files(bed), bed.a.virsh("pool-list", "--all", "--name")
    with bed.narrow(40, "port-a", "outside"):
        job = far.begin("POST", f"{LOCAL}/imports", asked | {"to_pool": "default", "name": "got"})
        wait_for(lambda: ".partial-got-2.qcow2" in files(bed), what="the last disk, half-made")
        assert "got-1.qcow2" in files(bed)
        end_early(far, job, way)
    assert (files(bed), bed.a.virsh("pool-list", "--all", "--name")) == (before, pools)


def test_import_that_is_cut_off_while_its_disks_are_told_whole_keeps_all_of_them(
    far: Deck, bed: Bed, tmp_path: Path
) -> None:
    disk(bed, "origin.img", "8M", kind="raw")
    bed.a.space.run("sh", "-c", f"head -c 2M /dev/urandom | dd conv=notrunc bs=1M seek=4 of={FOLDER}/origin.img")
    for name in ("first.vmdk", "last.vmdk"):
        foreign(bed, name, "vmdk")
    asked = source(bed, tmp_path, "vmx", ["first.vmdk", "last.vmdk"])
    bed.a.virsh("pool-refresh", "default")
    before = files(bed)
    with bed.narrow(1, "port-a", "outside"):
        job = far.begin("POST", f"{LOCAL}/imports", asked | {"to_pool": "default", "name": "got"})
        slip = far.folder / "state_dir" / "errands" / f"{job}.json"
        until(slip.exists)
        for pid in (web(far), *children(web(far))):
            os.kill(pid, signal.SIGSTOP)
    until(lambda: '"state":"done"' in slip.read_text())
    made = ["got-1.qcow2", "got-2.qcow2"]
    markers = [f".partial-{name}" for name in made]
    assert sorted({*files(bed)} - {*before}) == [*markers, *made], "a runner that ends here would leave whole disks"
    bed.a.virsh("vol-delete", markers[0], "default")  # as where it is cut off between the two
    far.kill()
    far.start()
    far.login("demo", "demo")
    assert [each["volume"] for each in far.ended(job)["result"]["volumes"]] == made
    assert sorted({*files(bed)} - {*before}) == made
    assert [read(bed, name) for name in made] == [MARK, MARK]


def works(bed: Bed, folder: Path) -> dict[str, tuple[str, dict[str, Any]]]:
    """What is asked for each kind of import and export; the machine of VMware has a disk of each of its kinds."""
    bed.a.space.run("sh", "-c", f"head -c 20M /dev/urandom > {FOLDER}/origin.img")
    asked = {}
    for form in FORMATS:
        foreign(bed, f"lone.{form}", form)
        uuid = bed.a.define(bed.guest_xml(form, disk=f"{FOLDER}/origin.img", disk_format="raw"))
        wish = {"pool": "default", "volume": f"lone.{form}", "to_pool": "default", "name": f"of {form}"}
        asked[f"import {form}"] = f"{LOCAL}/imports", wish
        asked[f"export {form}"] = f"{LOCAL}/domains/{uuid}/export", {"format": form, "pool": "default"}
    for kind in VMDK:
        foreign(bed, f"{kind}.vmdk", "vmdk", kind)
    uuid = bed.a.define(bed.guest_xml("package", disk=f"{FOLDER}/origin.img", disk_format="raw"))
    asked["export"] = f"{LOCAL}/domains/{uuid}/export", {"format": "ova", "pool": "default"}
    source(bed, folder, "vmx", [f"{kind}.vmdk" for kind in VMDK])
    (bed.a.images / "two.vmx").rename(bed.a.images / "all.vmx")
    wish = source(bed, folder, "ova", ["lone.vmdk"]) | {"to_pool": "default", "name": "ova"}
    asked["import ova"] = f"{LOCAL}/imports", wish
    asked["import vmx"] = f"{LOCAL}/imports", {"pool": "default", "volume": "all.vmx", "to_pool": "default"}
    bed.a.virsh("pool-refresh", "default")
    return asked


def test_import_or_export_of_any_kind_that_ends_early_leaves_nothing(far: Deck, bed: Bed, tmp_path: Path) -> None:
    """What exports write in a format ends by a kill, what imports read of it by a cancel."""
    asked = works(bed, tmp_path)
    wait_for(lambda: len(far.ask("GET", f"{LOCAL}/domains").json) == len(FORMATS) + 1)
    before = digests(bed)
    with bed.narrow(10, "port-a", "outside"):
        for kind in sorted(asked):  # the exports come first: of runners that are cancelled one may live on for a moment
            job = far.begin("POST", *asked[kind])
            far.reached(job, lambda seen: seen["progress"])
            end_early(far, job, "kill" if kind.startswith("export") else "cancel")
    assert digests(bed) == before
    assert not any((far.folder / "state_dir" / "errands").iterdir())


def digests(bed: Bed) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in bed.a.images.iterdir()}
