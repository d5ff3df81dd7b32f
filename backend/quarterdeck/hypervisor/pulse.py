"""How far a host's clock is from this server's, and how long its run queue is. libvirt tells neither, SSH does."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass

ASK_SECONDS = 10


@dataclass(frozen=True)
class Pulse:
    """Seconds that the host is ahead of this server, and processes that ran or waited on average of the last minute."""

    clock_seconds: float | None = None
    load: float | None = None


def own_pulse() -> Pulse:
    """That of this server."""
    return Pulse(0.0, os.getloadavg()[0])


def pulse(ssh: list[str]) -> Pulse:
    """That of a host which `ssh` reaches without asking; empty where it does not tell."""
    before = time.time()
    try:
        done = subprocess.run(
            [*ssh, "date +%s.%N; cat /proc/loadavg"], capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        )
        told, load = done.stdout.split()[:2]
        return Pulse(round(float(told) - (before + time.time()) / 2, 2), float(load))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return Pulse()
