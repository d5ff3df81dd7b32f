"""Debian's own network installer, from its package, kept in the user's cache."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.qemu.bed.guest import CACHE

PACKAGE = "debian-installer-12-netboot-amd64"
SCRIPT = """#!ipxe
kernel http://{address}:8000/linux initrd=initrd.gz console=tty0 console=ttyS0 vga=normal
initrd http://{address}:8000/initrd.gz
boot
"""
"""What the card's boot ROM gets: TFTP would take minutes for the installer's 49 MB."""


def installer_files() -> Path:
    """A folder with the installer's kernel and first file system."""
    ready = CACHE / PACKAGE
    if not ready.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as folder:
            made = _unpack(Path(folder))
            with suppress(OSError):  # another run was quicker
                made.rename(ready)
    return ready


def _unpack(folder: Path) -> Path:
    command = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", PACKAGE]
    if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=True)
        subprocess.run(command, cwd=folder, capture_output=True, check=True)
    subprocess.run(["dpkg-deb", "-x", next(folder.glob("*.deb")), folder / "unpacked"], check=True)
    images = next(folder.glob("unpacked/usr/lib/debian-installer/images/*/amd64/text/debian-installer/amd64"))
    made = folder / "files"
    made.mkdir()
    for name in ("linux", "initrd.gz"):
        shutil.copy(images / name, made)
    return made
