"""Kernel and first file system of an installation tree on a server, fetched into a pool by an errand."""

from __future__ import annotations

import base64
import configparser
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from ...hypervisor.host import Host
from ...model.cpio import padding
from ...problems import FieldError, Problem
from ..errands import Bench
from ..fetching.fetch import Fetcher
from ..fetching.reply import Files
from ..fetching.source import Meter, Source, told
from ..fetching.waiting import unless_cancelled
from ..patience import reread_if_free
from ..storage import partial
from ..storage.copying import remove
from ..storage.download import read_back, store
from ..storage.lending import stop_lending_below
from .host_tree import HostTree, folder_of

TREE = "tree"
AT_ADDRESS = ("download-failed", "address-refused", "too-large", "no-space", "invalid-input")
"""Problems that are the fault of the address, or of what comes from there."""
TREEINFO_BYTES = 256 << 10
NETBOOT = "images/netboot/{0}/amd64/"
DISTS = (
    "main/installer-amd64/current/" + NETBOOT.format("debian-installer"),
    "main/installer-amd64/current/legacy-" + NETBOOT.format("ubuntu-installer"),
    "main/installer-amd64/current/" + NETBOOT.format("ubuntu-installer"),
)
"""Below the folder of a release (dists/bookworm/) of Debian, and of Ubuntu up to 20.04."""


@dataclass(frozen=True)
class Found:
    """Where kernel and initrd of a tree lie, and the kernel argument that names the tree to its installer."""

    kernel: str
    initrd: str
    argument: str = ""


def candidates(url: str) -> Iterator[Found]:
    """Where the trees of Debian, Ubuntu and SUSE have their kernels, and a folder with nothing but the two."""
    for folder in DISTS:
        yield Found(urljoin(url, folder + "linux"), urljoin(url, folder + "initrd.gz"))
    suse = urljoin(url, "boot/x86_64/loader/")
    yield Found(suse + "linux", suse + "initrd", f"install={url}")
    yield Found(urljoin(url, "linux"), urljoin(url, "initrd.gz"))


def read_netboot(text: str, url: str) -> Found | None:
    """What the folder netboot/amd64/ of Ubuntu's releases says in its grub.cfg: the medium that its initrd fetches."""
    named = re.search(r"^\s*linux\s+(?:.*\s)?((?:iso-)?url=\S+)", text, re.MULTILINE)
    return Found(urljoin(url, "linux"), urljoin(url, "initrd"), f"ip=dhcp {named[1]}") if named else None


def read_treeinfo(text: str, url: str) -> Found | None:
    """What a .treeinfo (productmd's, since Fedora 7) says of a tree; None where it names no kernel."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    arch = parser.get("general", "arch", fallback="") or parser.get("tree", "arch", fallback="x86_64")
    section = f"images-{arch}"
    kernel = parser.get(section, "kernel", fallback="")
    initrd = parser.get(section, "initrd", fallback="")
    if not kernel or not initrd:
        return None
    suse = "suse" in parser.get("general", "family", fallback="").lower()
    return Found(urljoin(url, kernel), urljoin(url, initrd), f"{'install' if suse else 'inst.repo'}={url}")


def undo_tree(host: Host, params: dict[str, Any]) -> None:
    """Remove what a fetch that died left; whole files too, since no machine uses them yet."""
    if folder := params.get("folder"):
        stop_lending_below(host, folder)
    for names in params["machines"]:
        for name in names.values():
            partial.remove_unfinished(host, params["pool"], name)
            remove(host, params["pool"], name)


def work_tree(bench: Bench) -> dict[str, Any]:
    """Find kernel and initrd, and fetch both once for all machines; the argument for their installers."""
    url = bench.params["url"].rstrip("/") + "/"
    bench.job.progress(None, phase="connect")
    with _at_address(), _files(bench, url) as files:
        found = unless_cancelled(bench.job, lambda: find(files, url))
        for part, address in (("kernel", found.kernel), ("initrd", found.initrd)):
            came = bench.folder / part
            source = _fetch(bench, files, address, came)
            for names, inject in zip(bench.params["machines"], bench.params["inject"], strict=True):
                _put(bench, names[part], source, came, base64.b64decode(inject) if part == "initrd" else b"")
    return {"argument": "" if bench.params.get("folder") else found.argument}  # no guest reads folders of the host


@contextlib.contextmanager
def _at_address() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        if problem.slug in AT_ADDRESS:
            problem.errors = (FieldError("/install/url", problem.detail),)
        raise


def _files(bench: Bench, url: str) -> contextlib.AbstractContextManager[Files]:
    """What reads the tree at this address: of a server, or of the host itself."""
    folder = folder_of(url)
    return HostTree(bench.host, folder) if folder else contextlib.nullcontext(Fetcher(bench.config))


def find(fetcher: Files, url: str) -> Found:
    """Where kernel and initrd of the tree at this address lie; Problem `download-failed` where it is none."""
    for name, read in ((".treeinfo", read_treeinfo), ("treeinfo", read_treeinfo), ("grub/grub.cfg", read_netboot)):
        reply = fetcher.try_open(urljoin(url, name))
        if reply:
            text = reply.read(TREEINFO_BYTES).decode(errors="replace")
            reply.close()
            told = read(text, url)
            if told:
                return told
    for found in candidates(url):
        reply = fetcher.try_open(found.kernel)
        if reply:
            reply.close()
            return found
    raise Problem(
        "download-failed",
        "There is no installation tree at this address: neither a .treeinfo, nor a kernel where Debian, Ubuntu or SUSE "
        "have theirs.",
        cure="Give the folder of a release, such as https://deb.debian.org/debian/dists/bookworm/.",
    )


def _fetch(bench: Bench, files: Files, url: str, path: Path) -> Source:
    source = Source(files, url, bench.job, bench.config)
    bench.job.on_cancel(source.close)
    size = source.open()
    with path.open("wb") as file:
        file.writelines(told(source.pieces(), Meter(bench.job, size)))
    return source


def _put(bench: Bench, name: str, source: Source, path: Path, extra: bytes) -> None:
    """What came as a volume, with an archive behind."""
    size = path.stat().st_size
    tail = padding(size) + extra if extra else b""
    store(bench, name, source, size + len(tail), chain(read_back(bench, path, size), [tail]))
    bench.job.check()
    partial.drop_marker(bench.host, bench.params["pool"], name)
    reread_if_free(bench.host, bench.params["pool"])
