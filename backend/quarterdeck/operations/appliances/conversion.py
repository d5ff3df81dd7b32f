"""Converting images, as errands: fetched through libvirt, converted by qemu-img with forced formats, put back.

The runner sees copies in a folder of its own and nothing of the host's storage, so an image that names other files
finds none of them; such images are refused all the same, so that nobody takes half a disk for a whole one.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.image_kinds import is_plain, vmdk_descriptor
from ...model.ovf import OvfDisk, OvfMachine, write_ovf
from ...model.units import human_size
from ...problems import Problem
from ..errands import Bench
from ..patience import reread_if_free
from ..storage import partial
from ..storage.disk_copies import Overlay
from ..storage.lending import lend, stop_lending
from ..storage.still import freeze, thaw

CONVERT, EXPORT = "convert", "export"
PERCENT = re.compile(r"\((\d+\.\d+)/100%\)")
HEAD_BYTES = 64 * 1024
WHOLE_VMDK = ("monolithicSparse", "streamOptimized")
SPLIT_VMDK = ("monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat")
LIMITS = ("prlimit", "--cpu=60", f"--as={2 << 30}", "--")
"""What a damaged header may cost at most when it is looked at."""
OPTIONS = {"streamOptimized": ["-o", "subformat=streamOptimized"]}


@dataclass
class Span:
    """A part of a job's progress."""

    job: JobHandle
    start: float
    size: float

    def tell(self, share: float, message: str, phase: str) -> None:
        """How far this part is, 0 to 1; raises when somebody cancelled."""
        self.job.check()
        self.job.progress(self.start + self.size * min(share, 1.0), message, phase=phase)

    def part(self, number: int, count: int) -> Span:
        """One of so many equal parts of it."""
        return Span(self.job, self.start + self.size * number / count, self.size / count)


@contextlib.contextmanager
def _standing_still(bench: Bench) -> Iterator[None]:
    """Within this block the disks of a machine that runs (`still`) do not change: it writes elsewhere."""
    still = bench.params.get("still")
    if still is None:
        yield
        return
    overlays = [Overlay(**each) for each in still["overlays"]]
    freeze(bench.host, still["uuid"], overlays, bench.job, quiesce=still["quiesce"])
    yield
    thaw(bench.host, still["uuid"], overlays, bench.job)


@contextlib.contextmanager
def _lent_folders(bench: Bench) -> Iterator[None]:
    """Within this block the folders outside of all pools in which sources lie (`lent`) have one each."""
    lent = bench.params.get("lent", [])
    bench.job.undo.callback(stop_lending, bench.host, lent)
    lend(bench.host, lent)
    yield
    stop_lending(bench.host, lent)


def work_convert(bench: Bench) -> dict[str, Any]:
    """Convert each disk into a new volume; the volumes, with what was given along."""
    disks = bench.params["disks"]
    made = []
    with _lent_folders(bench), _standing_still(bench):
        for number, disk in enumerate(disks):
            span = Span(bench.job, 0.0, 1.0).part(number, len(disks))
            image = converted(bench, disk, disk["to_format"], span.part(0, 3), span.part(1, 3))
            put(bench, image, disk["to_pool"], disk["to_name"], span.part(2, 3))
            image.unlink()
            made.append({"pool": disk["to_pool"], "volume": disk["to_name"]})
    for pool in {disk["to_pool"] for disk in disks}:
        reread_if_free(bench.host, pool)
    return {"volumes": made, "create": bench.params.get("create")}


def undo_volumes(host: Host, params: dict[str, Any]) -> None:
    """Remove what a runner that died left."""
    for disk in params["disks"]:
        partial.remove_unfinished(host, disk["to_pool"], disk["to_name"])
    lent = params.get("lent", [])
    if still := params.get("still"):
        lend(host, lent)
        thaw(host, still["uuid"], [Overlay(**each) for each in still["overlays"]], None)
    stop_lending(host, lent)


def work_export(bench: Bench) -> dict[str, Any]:
    """Put the disks of a machine and its description into one package, as a new volume."""
    params, disks = bench.params, bench.params["layers"]
    span, whole = Span(bench.job, 0.0, 0.8), []
    with _lent_folders(bench), _standing_still(bench):
        for number, disk in enumerate(disks):
            part = span.part(number, len(disks))
            image = converted(bench, disk, "streamOptimized", part.part(0, 2), part.part(1, 2))
            whole.append(image.rename(bench.folder / f"{params['stem']}-disk{number + 1}.vmdk"))
    package = bench.folder / "package.ova"
    _pack(package, params, whole)
    target = params["disks"][0]
    put(bench, package, target["to_pool"], target["to_name"], Span(bench.job, 0.8, 0.2))
    reread_if_free(bench.host, target["to_pool"])
    return {"volumes": [{"pool": target["to_pool"], "volume": target["to_name"]}]}


def _pack(package: Path, params: dict[str, Any], images: list[Path]) -> None:
    machine = params["machine"]
    disks = [
        OvfDisk(image.name, image.stat().st_size, virtual_size(image, "vmdk"), disk["bus"])
        for image, disk in zip(images, params["layers"], strict=True)
    ]
    described = package.with_name(f"{params['stem']}.ovf")
    described.write_text(write_ovf(OvfMachine(**machine, disks=tuple(disks))))
    with tarfile.open(package, "w", format=tarfile.USTAR_FORMAT) as archive:
        for path in (described, *images):
            archive.add(path, path.name, filter=_nobody)
            if path != described:
                path.unlink()


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o644
    return member


def converted(bench: Bench, disk: dict[str, Any], form: str, fetching: Span, converting: Span) -> Path:
    """A disk as one file in this format, in the bench's folder; what it was fetched into is gone again."""
    folder = bench.folder / "source"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    source = _fetch(bench.host, disk, folder, fetching)
    _check(source, disk["layers"][0]["format"], folder)
    made = bench.folder / "made"
    made.unlink(missing_ok=True)
    _convert(bench.job, source, disk["layers"][0], made, form, converting)
    shutil.rmtree(folder)
    return made


def _fetch(host: Host, disk: dict[str, Any], folder: Path, span: Span) -> Path:
    """The image with all that it stands on, each under a name of ours."""
    layers: list[dict[str, Any]] = disk["layers"]
    paths: list[Path] = []
    for number, layer in enumerate(layers):
        path = folder / layer.get("keep_name", f"layer{number}")
        part = span.part(number, len(layers) + len(disk.get("extents", [])))
        _download(host, layer, path, part)
        paths.append(path)
    for number, name in enumerate(disk.get("extents", []), len(layers)):
        part = span.part(number, len(layers) + len(disk["extents"]))
        _download(host, {"pool": layers[0]["pool"], "volume": name}, folder / name, part)
    for upper, lower, layer in zip(paths, paths[1:], layers[1:], strict=False):
        _refuse_data_file(_info(upper, "qcow2"))
        _tool("rebase", "-u", "-f", "qcow2", "-F", layer["format"], "-b", lower.name, str(upper))
    return paths[0]


def _download(host: Host, layer: dict[str, Any], path: Path, span: Span) -> None:
    offset, length = layer.get("offset", 0), layer.get("length", 0)
    size = length or host.volumes.physical(layer["pool"], layer["volume"])
    free = shutil.disk_usage(path.parent).free
    if size > free:
        raise Problem(
            "no-space",
            f"Converting needs {human_size(size)} beside this service's state, where {human_size(free)} are free.",
            cure="Free space there, or set state_dir to a larger file system.",
        )

    def told(done: int) -> None:
        span.tell(done / max(size, 1), f"Reading {layer['volume']}", "read")

    told(0)
    host.volumes.fetch(layer["pool"], layer["volume"], path, told, offset=offset, length=length)


def _check(path: Path, form: str, folder: Path) -> None:
    """Problem where an image, read in this format, needs anything but what was fetched for it."""
    if form == "vmdk":
        with path.open("rb") as file:
            described = vmdk_descriptor(file.read(HEAD_BYTES))
        if described and (described.has_parent or any(not is_plain(name) for name in described.extents)):
            raise refused(path.name, "names files that are not in its folder")
        if described and described.create_type not in (*WHOLE_VMDK, *SPLIT_VMDK):
            raise refused(path.name, f"is of the kind “{described.create_type}”")
        if described and any(not (folder / name).is_file() for name in described.extents):
            raise refused(path.name, "needs files that are not there")
    info = _info(path, form)
    _refuse_data_file(info)
    below = info.get("backing-filename")
    if below and not (form == "qcow2" and is_plain(below) and (folder / below).is_file()):
        raise refused(path.name, "stands on another image")
    if info.get("encrypted"):
        raise refused(path.name, "is encrypted")


def refused(name: str, why: str) -> Problem:
    """The problem of an image that is not whole."""
    return Problem("forbidden", f"The image {name} {why}, so it is not converted.", cure="Take an image that is whole.")


def _refuse_data_file(info: dict[str, Any]) -> None:
    if "data-file" in info.get("format-specific", {}).get("data", {}):
        raise refused(Path(str(info.get("filename"))).name, "keeps its data in another file")


def _info(path: Path, form: str) -> dict[str, Any]:
    line = [*LIMITS, "qemu-img", "info", "-f", form, "--output=json", str(path)]
    found: dict[str, Any] = json.loads(_run(line, path.name))
    return found


def virtual_size(path: Path, form: str) -> int:
    """How large a guest sees an image."""
    return int(_info(path, form)["virtual-size"])


def _tool(*words: str) -> None:
    _run(["qemu-img", *words], Path(words[-1]).name)


def _run(line: list[str], name: str) -> str:
    try:
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
    except FileNotFoundError as error:
        raise Problem("internal", f"The program {line[0]} is missing.", cure="Install qemu-utils.") from error
    if done.returncode:
        raise Problem("invalid-input", f"qemu-img cannot read {name}.", raw=done.stderr.strip()[-500:])
    return done.stdout


def _convert(job: JobHandle, source: Path, layer: dict[str, Any], made: Path, wanted: str, span: Span) -> None:
    """Convert it, or what it held when a snapshot inside it was taken (`snapshot`)."""
    form, then = layer["format"], layer.get("snapshot", "").replace(",", ",,")
    inside = ["-l", f"snapshot.name={then}"] if then else []
    target = "vmdk" if wanted == "streamOptimized" else wanted
    line = [
        "qemu-img",
        "convert",
        "-p",
        "-f",
        form,
        *inside,
        "-O",
        target,
        *OPTIONS.get(wanted, []),
        str(source),
        str(made),
    ]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=source.parent) as tool:
        job.on_cancel(tool.terminate)
        seen, output = "", tool.stdout
        while output is not None and (piece := output.read(16)):
            seen = (seen + piece)[-64:]
            shares = PERCENT.findall(seen)
            if shares:
                at = span.start + span.size * float(shares[-1]) / 100
                job.progress(at, f"Converting to {target}", phase="convert")
        said = tool.stderr.read() if tool.stderr else ""
        status = tool.wait()
    job.check()
    if status:
        raise Problem("invalid-input", "qemu-img could not convert the image.", raw=said.strip()[-500:])


def put(bench: Bench, path: Path, pool: str, name: str, span: Span) -> None:
    """Make a volume of a file; half-made it is marked as such, and goes when the job fails."""
    size = path.stat().st_size
    partial.make(bench.host, pool, name, size, bench.job.undo)

    def told(done: int) -> None:
        span.tell(done / max(size, 1), f"Writing {name}", "write")

    bench.host.volumes.put(pool, name, path, told)
    bench.job.check()
    partial.drop_marker(bench.host, pool, name)
