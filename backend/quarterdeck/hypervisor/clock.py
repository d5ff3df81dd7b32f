"""How far a host's clock is from this server's. libvirt does not tell a host's time, so only SSH can be asked."""

from __future__ import annotations

import subprocess
import time

ASK_SECONDS = 10


def clock_difference(ssh: list[str]) -> float | None:
    """Seconds that the host is ahead of this server; None where it does not tell. `ssh` reaches it without asking."""
    before = time.time()
    try:
        done = subprocess.run(
            [*ssh, "date", "+%s.%N"], capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        )
        told = float(done.stdout.strip())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return round(told - (before + time.time()) / 2, 2)
