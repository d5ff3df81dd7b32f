"""Figures for the machines of libvirt's test driver, which has none worth showing.

Each machine gets a load of its own that swings slowly; the counters are that load summed up in closed form,
so they only ever grow, and the same moment always gives the same figures.
"""

from __future__ import annotations

import math
import zlib

from ..model.stats import Sample

EPOCH = 1_700_000_000  # keeps the counters small


def made_up_sample(uuid: str, now: float, vcpus: int, memory_kib: int) -> Sample:
    """The counters of a machine at a moment in seconds since 1970."""
    seed = zlib.crc32(uuid.encode())
    busy = 0.04 + (seed % 61) / 100
    at = now - EPOCH
    return Sample(
        time=now,
        cpu_ns=int(1e9 * vcpus * busy * _swung(at, 40 + seed % 50, seed)),
        vcpus=vcpus,
        memory_used_kib=int(memory_kib * (0.35 + busy * 0.6 + 0.04 * math.sin(at / 90 + seed))),
        disk_read_bytes=int(busy * 3e6 * _swung(at, 25, seed + 1)),
        disk_write_bytes=int(busy * 1e6 * _swung(at, 33, seed + 2)),
        net_rx_bytes=int(busy * 8e5 * _swung(at, 20, seed + 3)),
        net_tx_bytes=int(busy * 2e6 * _swung(at, 28, seed + 4)),
    )


def _swung(at: float, period: float, phase: int) -> float:
    """The integral of 1 + 0.8 * sin: it grows, at times faster and at times slower."""
    turn = 2 * math.pi / period
    return at - 0.8 / turn * math.cos(turn * at + phase)
