"""Debian's own installer on an ISO: kernel and initrd from Debian's package, started by isolinux."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

IMAGES = Path("/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64")
ISOLINUX = Path("/usr/lib/ISOLINUX/isolinux.bin")
LDLINUX = Path("/usr/lib/syslinux/modules/bios/ldlinux.c32")
BOOT = """default install
label install
  kernel linux
  append vga=normal initrd=initrd.gz
"""


def installer_iso(path: Path) -> Path:
    """Write the ISO; its volume label is that of a Debian 12 network installer."""
    tree = path.with_suffix(".tree")
    tree.mkdir()
    for file in (IMAGES / "linux", IMAGES / "initrd.gz", ISOLINUX, LDLINUX):
        shutil.copy(file, tree)
    (tree / "isolinux.cfg").write_text(BOOT)
    boot = ["-b", "isolinux.bin", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"]
    label = ["-V", "Debian 12.5.0 amd64 n"]
    subprocess.run(["xorriso", "-as", "mkisofs", "-quiet", "-o", path, *label, *boot, tree], check=True)
    shutil.rmtree(tree)
    return path
