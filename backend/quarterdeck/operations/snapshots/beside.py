"""UEFI variables and the content of a TPM with snapshots: copied when one is taken, put back when it is gone back to.

libvirt 9.0 does neither: of a machine that is off and of disks alone it freezes what is a disk, and refuses an
internal snapshot of a running machine with raw variables. With memory QEMU brings both back by itself, so that the
copies then count only where the machine is to be off afterwards. Of a running machine they are as after a power cut:
the firmware writes so that this harms nothing, and swtpm replaces its file at once.
"""

from __future__ import annotations

import posixpath
import shlex
from functools import partial

from ...jobs import JobHandle
from ...model.snapshot import Kept, free_name, plain
from ...model.states import KEY, NAMESPACE, StateFiles, noted, state_files
from ...plan import take_back
from .reading import Machine, one_of


def copies(machine: Machine, name: str, target: str) -> StateFiles:
    """Where copies for a new snapshot go: beside this disk. None where no pool of files is there."""
    folder, origin = posixpath.dirname(machine.active.get(target, "")), state_files(machine.now)
    if machine.host.is_test or folder not in machine.pools:
        return StateFiles()
    taken = [posixpath.basename(path) for path in machine.places]
    stem = f"{plain(machine.name)}-{plain(name)}"
    nvram, tpm = (f"{folder}/{free_name(stem, end, taken)}" for end in (".nvram", ".tpm"))
    return StateFiles(nvram if origin.nvram else None, tpm if origin.tpm else None)


def keep(machine: Machine, planned: StateFiles) -> StateFiles:
    """Make the copies; those that there are, since before its first start a machine has neither."""
    made = [c for o, c in state_files(machine.now).with_copies(planned) if machine.states.copy(machine.host, o, c)]
    return planned.among(made)


def note(machine: Machine, name: str, made: StateFiles) -> None:
    """Tell the snapshot of its copies."""
    if made.paths:
        kept = one_of(machine.host.snapshots.all(machine.uuid), name)
        machine.host.snapshots.redefine(machine.uuid, noted(kept.text, made), current=kept.current)


def clear(machine: Machine, planned: StateFiles) -> None:
    """Remove copies of a snapshot that was not taken."""
    for path in planned.paths:
        take_back(machine.states.remove, machine.host, path)


def put_back(machine: Machine, kept: Kept, handle: JobHandle) -> None:
    """Give a machine that is off what a snapshot keeps of variables and a TPM; the job tells of a copy that is gone."""
    states, host = machine.states, machine.host
    for origin, copy in state_files(kept.definition()).with_copies(kept.copies):
        before, then = states.read(host, origin), states.read(host, copy)
        if then is None:
            handle.log(f"{copy} is gone, so {origin} does not go back: it stays as it is.")
            continue
        back = partial(states.write, host, origin, before) if before else partial(states.remove, host, origin)
        handle.undo.callback(back)
        states.write(host, origin, then)


def forget(machine: Machine) -> None:
    """Take the note out of the definition that libvirt took from an internal snapshot."""
    machine.host.domains.set_metadata(machine.uuid, NAMESPACE, KEY, None)


def copy_commands(definition_files: StateFiles, found: StateFiles) -> list[str]:
    """What root would type to keep copies."""
    return [shlex.join(["cp", "-p", origin, copy]) for origin, copy in definition_files.with_copies(found)]


def back_commands(kept: Kept) -> list[str]:
    """What root would type to put them back."""
    pairs = state_files(kept.definition()).with_copies(kept.copies)
    return [shlex.join(["cp", "-p", copy, origin]) for origin, copy in pairs]


def words(found: StateFiles) -> str:
    """What these are, in a sentence."""
    return " and ".join(
        word for word, path in (("its UEFI variables", found.nvram), ("the content of its TPM", found.tpm)) if path
    )
