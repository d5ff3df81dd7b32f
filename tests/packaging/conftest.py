"""A clean Debian in a folder, with the package installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "quarterdeck-tests" / "debian-12"
BOOTS = ("systemd-sysv", "dbus")
"""What makes it a system that boots."""


class Clean:
    """A Debian 12 in a folder. Commands run in process and mount spaces of their own, which end with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def line(self, *command: str, **environ: str) -> list[str]:
        space = ["unshare", "--mount", "--pid", "--fork", "--kill-child", f"--mount-proc={self.folder}/proc"]
        known = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        return [
            *space,
            "chroot",
            str(self.folder),
            "env",
            "-i",
            *(f"{k}={v}" for k, v in (known | environ).items()),
            *command,
        ]

    def run(self, *command: str, text: str | None = None) -> str:
        done = subprocess.run(self.line(*command), input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout


def base() -> Path:
    """An archive of a bare Debian 12, made once and kept in the cache."""
    archive = CACHE / "base.tar"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other tests that run beside these need it too
        if not archive.exists():
            with tempfile.TemporaryDirectory(dir=CACHE) as made:
                bare = ["debootstrap", "--variant=minbase", "bookworm", made]
                subprocess.run(bare, check=True, stdout=subprocess.DEVNULL)
                subprocess.run(["tar", "-C", made, "-cf", f"{archive}.new", "."], check=True)
            Path(f"{archive}.new").rename(archive)
    return archive


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert os.geteuid() == 0, "a clean Debian in a folder takes root"
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run([ROOT / "packaging" / "build", out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (found,) = out.glob("*.deb")
    return found


@pytest.fixture(scope="session")
def clean(package: Path) -> Iterator[Clean]:
    """A clean Debian with the package installed from its file; what it depends on comes from the mirror."""
    with tempfile.TemporaryDirectory(prefix="qdclean-") as folder:
        subprocess.run(["tar", "-C", folder, "-xf", base()], check=True)
        made = Clean(Path(folder))
        made.folder.chmod(0o755)  # the root of a real system is open to all
        kept = CACHE / "packages"
        kept.mkdir(exist_ok=True)
        for file in kept.glob("*.deb"):
            shutil.copy(file, made.folder / "var/cache/apt/archives")
        shutil.copy(package, made.folder / "tmp/quarterdeck.deb")
        (made.folder / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (made.folder / "usr/sbin/policy-rc.d").chmod(0o755)
        (made.folder / "etc/apt/apt.conf.d/kept").write_text('Binary::apt::APT::Keep-Downloaded-Packages "1";\n')
        (made.folder / "etc/dpkg/dpkg.cfg.d/quick").write_text("force-unsafe-io\n")  # it need not survive a power cut
        made.run("apt-get", "update", "-q")
        made.run("apt-get", "install", "-q", "-y", "--no-install-recommends", "/tmp/quarterdeck.deb", *BOOTS)
        for file in (made.folder / "var/cache/apt/archives").glob("*.deb"):
            shutil.copy(file, kept)
        yield made
