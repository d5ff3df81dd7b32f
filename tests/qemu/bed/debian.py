"""A small Debian with kernel, systemd and cloud-init on a disk, made of Debian's packages and kept in the cache."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.packaging.conftest import CACHE, Clean, base

PACKAGES = ("linux-image-cloud-amd64", "initramfs-tools", "systemd-sysv", "udev", "dbus", "cloud-init")
MODULES = ("virtio_pci", "virtio_blk", "virtio_scsi", "sr_mod", "isofs", "ext4")
SLOW = ("e2scrub_reap.service", "apt-daily.timer", "apt-daily-upgrade.timer", "systemd-timesyncd.service")
SETTINGS = """datasource_list: [NoCloud]
disable_root: true
users: [default]
cloud_init_modules: [seed_random, set_hostname, update_hostname, users_groups]
cloud_config_modules: [set_passwords]
cloud_final_modules: [ssh_authkey_fingerprints]
"""
"""What cloud-init does at all: the rest of its list costs minutes in emulation, and is not what is asked here."""
SIZE = "1200M"


@dataclass(frozen=True)
class DebianFiles:
    """The disk, whose file system has no partition table around it, and what starts it."""

    disk: Path
    kernel: Path
    initrd: Path


def debian_files() -> DebianFiles:
    """The files, made once until their recipe changes."""
    made = CACHE / f"cloud-{sha256(Path(__file__).read_bytes()).hexdigest()[:12]}"
    if not made.exists():
        archive = base()
        with TemporaryDirectory(dir=CACHE) as folder:
            root, fresh = Path(folder, "root"), Path(folder, "made")
            root.mkdir()
            fresh.mkdir()
            subprocess.run(["tar", "-C", root, "-xf", archive], check=True)
            _install(Clean(root))
            shutil.copy(next(root.glob("boot/vmlinuz-*")), fresh / "vmlinuz")
            shutil.copy(next(root.glob("boot/initrd.img-*")), fresh / "initrd")
            shutil.rmtree(root / "var/cache/apt")
            shutil.rmtree(root / "boot")
            command = ["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", root, fresh / "disk.raw", SIZE]
            subprocess.run(command, check=True)
            fresh.rename(made)
    return DebianFiles(made / "disk.raw", made / "vmlinuz", made / "initrd")


def _install(clean: Clean) -> None:
    root = clean.folder
    root.chmod(0o755)
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    settings = root / "etc/initramfs-tools/conf.d"
    settings.mkdir(parents=True)
    (settings / "small").write_text("MODULES=list\nCOMPRESS=gzip\n")
    (root / "etc/initramfs-tools/modules").write_text("\n".join(MODULES) + "\n")
    (root / "etc/dpkg/dpkg.cfg.d/quick").write_text("force-unsafe-io\npath-exclude=/usr/share/doc/*\n")
    clean.run("apt-get", "update", "-q")
    clean.run("apt-get", "install", "-q", "-y", "--no-install-recommends", *PACKAGES)
    (root / "etc/cloud/cloud.cfg.d/99-small.cfg").write_text(SETTINGS)
    (root / "etc/fstab").write_text("/dev/vda / ext4 rw,noatime 0 0\n")
    for unit in SLOW:
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
