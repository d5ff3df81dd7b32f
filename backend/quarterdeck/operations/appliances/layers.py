"""The images that one stands on, as an errand is told of them."""

from __future__ import annotations

from typing import Any

from ...hypervisor.host import Host
from ...model.image import HEAD_BYTES, read_qcow2
from ...model.storage import read_volume
from ...problems import Problem

DEEPEST = 16


def layers_of(host: Host, pool: str, name: str, form: str) -> list[dict[str, Any]]:
    """An image and all that it stands on, the top first; Problem where that lies in no pool."""
    layers: list[dict[str, Any]] = []
    for _ in range(DEEPEST):
        layers.append({"pool": pool, "volume": name, "format": form})
        if form != "qcow2":
            return layers
        size = host.volumes.physical(pool, name)
        header = read_qcow2(host.volumes.piece(pool, name, 0, min(HEAD_BYTES, size)))
        if header is None or header.backing is None:
            return layers
        facts = read_volume(host.volumes.xml(pool, name))
        below = host.volumes.at(facts.backing or "")
        if below is None:
            raise Problem("unsupported", f"{name} stands on “{header.backing}”, which lies in no pool.")
        pool, name = below[0], below[1].name
        head = host.volumes.piece(pool, name, 0, min(HEAD_BYTES, host.volumes.physical(pool, name)))
        # A guest that writes to a raw image may make it look like another.
        form = "qcow2" if facts.backing_format != "raw" and read_qcow2(head) else "raw"
    raise Problem("unsupported", f"More than {DEEPEST} images stand on each other.")
