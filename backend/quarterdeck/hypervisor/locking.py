"""The settings of a host's lock manager. libvirt's API does not tell them; they are read as files, here or by SSH."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .host import Host

ETC = Path("/etc/libvirt")
ASK_SECONDS = 10
CUT = "=quarterdeck="


def lock_settings(host: Host) -> tuple[str | None, str]:
    """Text of `qemu.conf` (None where it cannot be read) and of `qemu-lockd.conf`."""
    if host.is_test or host.spec.transport in ("tls", "tcp"):
        return None, ""
    if host.spec.transport == "local":
        return _text(ETC / "qemu.conf"), _text(ETC / "qemu-lockd.conf") or ""
    ask = f"cat {ETC}/qemu.conf && echo {CUT} && cat {ETC}/qemu-lockd.conf"
    try:
        done = subprocess.run(
            [*host.ssh_command(), ask], capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None, ""
    qemu, cut, lockd = done.stdout.partition(CUT)
    return (qemu, lockd) if cut else (None, "")


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
