"""The files of a machine's external snapshots as a forest, and how one of them is taken out of it. Pure.

A snapshot freezes the file that a disk had; the disk goes on in a new file above it. Deleting the snapshot lets what
stands above sink into the frozen file (block commit), as long as nothing else stands on that file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..problems import Problem


@dataclass(frozen=True)
class Frozen:
    """A snapshot with the files that it freezes, by disk, and those that it has besides: memory, copies."""

    name: str
    files: Mapping[str, str]
    besides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Merge:
    """The content of `top` and all above `base` goes into `base`. `active`: the machine itself writes to `top`."""

    target: str
    top: str
    base: str
    active: bool


@dataclass(frozen=True)
class Removal:
    """What deleting snapshots comes to: merges, files that go away, and who holds the content of those merged."""

    merges: tuple[Merge, ...]
    files: tuple[str, ...]
    moved: Mapping[str, str]


@dataclass(frozen=True)
class Forest:
    """All image files with what they stand on, the snapshots, and the files that the machine uses now, by disk."""

    below: Mapping[str, str | None]
    snapshots: tuple[Frozen, ...]
    active: Mapping[str, str]

    def chain(self, path: str) -> list[str]:
        """A file and all that it stands on, top first."""
        found: list[str] = []
        at: str | None = path
        while at and at not in found:
            found.append(at)
            at = self.below.get(at)
        return found

    def chains(self, tops: Iterable[str]) -> set[str]:
        """All files of several chains."""
        return {path for top in tops for path in self.chain(top)}

    def above(self, path: str) -> set[str]:
        """The files that stand on this one."""
        return {top for top, below in self.below.items() if below == path}

    def orphans(self, unfrozen: Iterable[str], kept: Collection[str]) -> list[str]:
        """Which of these files nothing needs any more; `kept` are those that stay whatever else is said."""
        needed = self.chains([*kept, *(path for each in self.snapshots for path in each.files.values())])
        return [path for path in unfrozen if path not in needed and not self.above(path)]

    def remove(self, doomed: Collection[str]) -> Removal:
        """How these snapshots go; Problem `in-use` or `unsupported` with the reason where they cannot."""
        gone = [each for each in self.snapshots if each.name in doomed]
        held = {path for each in self.snapshots if each not in gone for path in each.files.values()}
        held |= set(self.active.values())
        needed = self.chains(held)
        free = {path: target for each in gone for target, path in each.files.items() if path not in held}
        self._refuse_strangers(free, needed | free.keys())
        live = {path for path in free if path in needed}
        files = [path for each in gone for path in each.besides] + [path for path in free if path not in needed]
        merges, moved = [], {}
        for base in [path for path in free if path in live and self.below.get(path) not in live]:
            run = self._run(base, live, needed)
            self._refuse_strangers(run, needed | free.keys())
            top, target = run[-1], free[base]
            if top not in self.chain(self.active.get(target, "")):
                raise _elsewhere(base)
            merges.append(Merge(target, top, base, top == self.active[target]))
            files += run
            moved[top] = base
        return Removal(tuple(merges), tuple(files), moved)

    def _run(self, base: str, live: Collection[str], needed: set[str]) -> list[str]:
        """The files above `base` whose content sinks into it; the last one is somebody's."""
        run = [self._only(base, needed)]
        while run[-1] in live:
            run.append(self._only(run[-1], needed))
        if len(self.above(run[-1]) & needed) > 1:
            raise self._branches(run[-1], needed)
        return run

    def _only(self, path: str, needed: set[str]) -> str:
        above = self.above(path) & needed
        if len(above) != 1:
            raise self._branches(path, needed)
        return above.pop()

    def _branches(self, path: str, needed: set[str]) -> Problem:
        tops = self.above(path) & needed
        names = [each.name for each in self.snapshots if tops & self.chains(each.files.values())]
        return Problem(
            "in-use",
            f"Several branches of snapshots stand on {path}, so what stands above it cannot be merged into it.",
            cure=f"Delete one of the branches first: {', '.join(sorted(names)) or 'the present state'}.",
        )

    def _refuse_strangers(self, paths: Iterable[str], own: Collection[str]) -> None:
        for path in paths:
            strangers = sorted(self.above(path) - set(own))
            if strangers:
                raise Problem(
                    "in-use",
                    f"{path} cannot change: {', '.join(strangers)} stands on it.",
                    cure="It is the base of a linked clone or of another image: delete that first.",
                )


def _elsewhere(path: str) -> Problem:
    return Problem(
        "unsupported",
        f"{path} belongs to a branch that the machine does not use now, where nothing can be merged.",
        cure="Delete the whole branch (with children), or go back to a snapshot in it first.",
    )
