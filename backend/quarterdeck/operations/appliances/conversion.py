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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.image import HEAD_BYTES, read_qcow2
from ...model.image_facts import ImageFacts, ImageFile, image_facts
from ...model.image_kinds import FOOTER_BYTES, LOOK_BYTES, ImageFormat, is_plain
from ...model.ovf_writing import OvfDisk, OvfMachine, write_manifest, write_ovf
from ...model.units import human_size
from ...problems import Problem
from ..errands import Bench
from ..patience import reread_if_free
from ..storage import partial
from ..storage.disk_copies import Overlay
from ..storage.lending import lend, stop_lending
from ..storage.still import freeze, thaw
from .unpacking import BLOCK, Watched, checksum_of, for_qemu, hold_against, unpack

CONVERT, EXPORT = "convert", "export"
USTAR_BYTES = 8 << 30
PERCENT = re.compile(r"\((\d+\.\d+)/100%\)")
CHECKED = ("qcow2", "vmdk", "vdi", "vhdx")
"""Formats that qemu-img can check."""
LIMITS = ("prlimit", "--cpu=60", f"--as={2 << 30}", "--")
"""What a damaged header may cost at most when it is looked at."""
LOOK_SECONDS = 120
OPTIONS = {"streamOptimized": ["-o", "subformat=streamOptimized"], "vpc": ["-o", "force_size=on"]}
"""A VHD is else rounded up to a disk with whole cylinders."""


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

    def packing(self, share: float) -> None:
        """How far a package is."""
        self.tell(share, "Packing", "pack")

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


def finish_volumes(host: Host, params: dict[str, Any]) -> None:
    """Take the signs away that they are not whole: of a runner that dies before it told so all go, else none."""
    for disk in params["disks"]:
        partial.drop_marker(host, disk["to_pool"], disk["to_name"])


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
    span, whole = Span(bench.job, 0.0, 0.7), []
    with _lent_folders(bench), _standing_still(bench):
        for number, disk in enumerate(disks):
            part = span.part(number, len(disks))
            image = converted(bench, disk, "streamOptimized", part.part(0, 2), part.part(1, 2))
            whole.append(image.rename(bench.folder / f"{params['stem']}-disk{number + 1}.vmdk"))
    package = bench.folder / "package.ova"
    _pack(bench, package, whole)
    target = params["disks"][0]
    put(bench, package, target["to_pool"], target["to_name"], Span(bench.job, 0.8, 0.2))
    reread_if_free(bench.host, target["to_pool"])
    return {"volumes": [{"pool": target["to_pool"], "volume": target["to_name"]}]}


def _pack(bench: Bench, package: Path, images: list[Path]) -> None:
    params = bench.params
    disks = [
        OvfDisk(image.name, image.stat().st_size, virtual_size(image, "vmdk"), disk["bus"])
        for image, disk in zip(images, params["layers"], strict=True)
    ]
    described, manifest = (package.with_name(params["stem"] + end) for end in (".ovf", ".mf"))
    described.write_text(write_ovf(OvfMachine(**params["machine"], disks=tuple(disks))))
    reading, packing = (Span(bench.job, start, 0.05) for start in (0.7, 0.75))
    told = (described, *images)
    sums = {
        path.name: checksum_of(path, "sha256", reading.part(number, len(told)).packing)
        for number, path in enumerate(told)
    }
    manifest.write_text(write_manifest(sums))
    files, form = (described, manifest, *images), tar_format(disk.file_bytes for disk in disks)
    with tarfile.TarFile(package, "w", format=form, copybufsize=BLOCK) as archive:
        for number, path in enumerate(files):  # DSP0243, 5.3: in this order
            with Watched(path, packing.part(number, len(files)).packing) as file:
                archive.addfile(_nobody(archive.gettarinfo(path, path.name)), file)
            path.unlink()


def tar_format(sizes: Iterable[int]) -> int:
    """The format of a package: USTAR, as the standard wants it, unless it cannot hold a file of 8 GiB and more."""
    return tarfile.GNU_FORMAT if any(size >= USTAR_BYTES for size in sizes) else tarfile.USTAR_FORMAT


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
        _refuse_data_file(upper, layer["volume"])
        rebase = ["qemu-img", "rebase", "-u", "-f", "qcow2", "-F", layer["format"], "-b", lower.name, str(upper)]
        status, _out, said = _run(rebase)
        if status:
            raise Problem("invalid-input", f"What {layers[0]['volume']} stands on cannot be told to QEMU.", raw=said)
    for path, layer in zip(paths, layers, strict=True):
        _check(span, path, layer["format"], layer.get("file", layer["volume"]))
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
    name = layer.get("file", layer["volume"])
    if "checksum" in layer:
        hold_against(path, name, layer["checksum"], lambda _share: span.tell(1, f"Checking {name}", "check"))
    if "packed" in layer:
        unpack(path, name, layer["packed"], lambda share: span.tell(share, f"Unpacking {name}", "unpack"))
    if layer.get("format") == "vmdk":  # what a guest wrote into another disk stays as it is
        for_qemu(path)


def _check(span: Span, path: Path, form: ImageFormat, name: str) -> None:
    """Problem where an image, read in this format, is not whole, or needs anything but what was fetched for it."""
    folder = path.parent
    if form == "qcow2":  # what it stands on was fetched, and is looked at below
        _refuse_data_file(path, name)
    elif problem := _facts(path, form, name).problem:
        raise Problem("invalid-input", f"{name}: {problem}")
    info = _info(path, form, name)
    if any(each.parent != folder for each in _opened(info)):
        raise refused(name, "reaches for files outside of its folder")
    below = info.get("backing-filename")
    if below and not (form == "qcow2" and is_plain(below) and (folder / below).is_file()):
        raise refused(name, "stands on another image")
    if info.get("encrypted"):
        raise refused(name, "is encrypted", "unsupported")
    if form in CHECKED:
        _refuse_holes(span, path, form, name)


def _facts(path: Path, form: ImageFormat, name: str) -> ImageFacts:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(LOOK_BYTES)
        file.seek(max(size - FOOTER_BYTES, 0))
        foot = file.read(FOOTER_BYTES)
    there = {each.name: each.stat().st_size for each in path.parent.iterdir()}
    return image_facts(form, ImageFile(name, head, foot, size, there, forced=True))


def _refuse_holes(span: Span, path: Path, form: str, name: str) -> None:
    """QEMU reads what is missing of a damaged image as zeros; its check finds it."""
    span.tell(1, f"Checking {name}", "check")
    status, _out, said = _run(["qemu-img", "check", "-q", "-f", form, str(path)], job=span.job)
    span.job.check()
    if status in (1, 2):
        cure = "Fetch it again, or repair it where it comes from."
        raise Problem("invalid-input", f"{name} is damaged or not complete.", cure=cure, raw=said[-500:])


def refused(name: str, why: str, slug: str = "leads-elsewhere") -> Problem:
    """The problem of an image that is not whole."""
    return Problem(slug, f"The image {name} {why}, so it is not converted.", cure="Take an image that is whole.")


def _refuse_data_file(path: Path, name: str) -> None:
    """By its header, before QEMU opens it: what is named there may be far more than a file (CVE-2024-4467)."""
    with path.open("rb") as file:
        header = read_qcow2(file.read(HEAD_BYTES))
    if header and header.external_data:
        raise refused(name, "keeps its data in another file")


def _opened(info: dict[str, Any]) -> list[Path]:
    """The files that QEMU itself takes for parts of a VMDK: it reads descriptions in more ways than we do."""
    parts = info.get("format-specific", {}).get("data", {}).get("extents", [])
    return [Path(part["filename"]) for part in parts]


def _info(path: Path, form: str, name: str = "") -> dict[str, Any]:
    status, out, said = _run([*LIMITS, "qemu-img", "info", "-f", form, "--output=json", str(path)])
    if status:
        detail = f"QEMU cannot read {name or path.name} as {form}: it is damaged, not complete, or of an unknown kind."
        raise Problem("invalid-input", detail, cure="Fetch it again, or have it read in another format.", raw=said)
    found: dict[str, Any] = json.loads(out)
    return found


def virtual_size(path: Path, form: str) -> int:
    """How large a guest sees an image."""
    return int(_info(path, form)["virtual-size"])


def _run(line: list[str], job: JobHandle | None = None) -> tuple[int, str, str]:
    """How a program ended and what it said; a job that is cancelled ends it."""
    try:
        with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tool:
            if job:
                job.on_cancel(tool.terminate)
            try:
                out, said = tool.communicate(timeout=None if job else LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                tool.kill()
                out, said = "", f"It did not answer within {LOOK_SECONDS} s."
            return tool.wait(), out, said.strip()[-500:]
    except FileNotFoundError as error:
        raise Problem("internal", f"The program {line[0]} is missing.", cure="Install qemu-utils.") from error


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
    """Make a volume of a file, marked as half-made; it goes when the job fails."""
    size = path.stat().st_size
    partial.make(bench.host, pool, name, size, bench.job.undo)

    def told(done: int) -> None:
        span.tell(done / max(size, 1), f"Writing {name}", "write")

    bench.host.volumes.put(pool, name, path, told)
    bench.job.check()
