"""The settings of a host's lock manager. libvirt's API does not tell them; they are read as files, here or by SSH."""

from __future__ import annotations

from pathlib import Path

from ..problems import Problem
from .host import Host
from .shell import run_there

ETC = Path("/etc/libvirt")
CUT = "=quarterdeck="


def lock_settings(host: Host) -> tuple[str | None, str]:
    """Text of `qemu.conf` (None where it cannot be read) and of `qemu-lockd.conf`."""
    if host.spec.transport == "local" and not host.is_test:
        return _text(ETC / "qemu.conf"), _text(ETC / "qemu-lockd.conf") or ""
    try:
        told = run_there(host, f"cat {ETC}/qemu.conf && echo {CUT} && cat {ETC}/qemu-lockd.conf", root=True)
    except Problem:
        return None, ""
    qemu, cut, lockd = told.partition(CUT)
    return (qemu, lockd) if cut else (None, "")


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
