"""A move in virsh's words. Pure."""

from __future__ import annotations

import shlex

from ...hypervisor.migrations import Move
from ...model.migration import options


def virsh(uri: str, name: str, move: Move) -> list[str]:
    """The equal commands, quoted for a shell."""
    request = move.request
    copies = bool(move.copy_disks)
    switches = {
        "--live": request.mode == "live",
        "--offline": move.offline,
        "--change-protection": not move.offline,
        "--copy-storage-all": copies and request.storage == "copy",
        "--copy-storage-inc": copies and request.storage == "incremental",
    }
    words = ["virsh", "-c", uri, "migrate", "--p2p", *(word for word, on in switches.items() if on)]
    words += [*_options(move), name, move.destination_uri]
    for word, value in {
        "--migrateuri": None if request.tunnelled else move.transfer_uri,
        "--graphicsuri": move.graphics_uri,
        "--migrate-disks": ",".join(move.copy_disks) or None,
        "--xml": "destination.xml" if move.destination_xml else None,
        "--persistent-xml": "saved.xml" if move.destination_xml and move.persistent_xml else None,
    }.items():
        words += [word, value] if value else []
    commands = [shlex.join(words)]
    if request.max_downtime_ms:
        pause = ["virsh", "-c", uri, "migrate-setmaxdowntime", name, str(request.max_downtime_ms)]
        commands.insert(0, shlex.join(pause))
    return commands


def _options(move: Move) -> list[str]:
    words: list[str] = []
    for name, _info, option in options():
        value = getattr(move.request, name)
        if not option.virsh or value is None or value is False or (move.offline and name == "abort_on_error"):
            continue
        words += option.virsh.split()
        words += [] if value is True else [str(option.sent(value))]
    return words
