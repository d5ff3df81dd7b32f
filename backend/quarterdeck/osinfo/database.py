"""The OS database: finds, recognises and describes systems. Read once, when first asked."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from . import detect, scripts
from .iso import Label
from .read import read_folder, read_supplement
from .records import Amount, Record, Resources
from .system import System, supported

FOLDERS = (Path("/usr/share/osinfo"), Path("/usr/local/share/osinfo"))
GENERIC = Record("http://libosinfo.org/generic", ["generic"], "Other or unknown system", family="other")
KEYBOARDS = "http://x.org/x11-keyboard"
NO_RESOURCES = Resources("all", Amount(), Amount())


@dataclass(frozen=True, slots=True)
class Detected:
    """The system on a medium. `known` is false when a newer release than the database knows was seen."""

    system: System
    live: bool
    boots: int
    known: bool
    version: str
    others: tuple[System, ...] = ()


class Database:
    """All systems of osinfo-db folders, with gaps of old folders filled from our own list.

    Later folders go before earlier ones where they describe the same system, as in libosinfo.
    """

    def __init__(self, folders: Sequence[Path] = FOLDERS, arch: str = "x86_64") -> None:
        self._folders = folders
        self._arch = arch
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}
        self._names: dict[str, Record] = {}
        self._installed: frozenset[str] = frozenset()

    def systems(self, query: str = "", *, ended: bool = True) -> list[System]:
        """Systems whose name, id or version holds every word of the query: the best first, then the newest.

        `ended=False` leaves out what its maker supports no more.
        """
        words = query.lower().split()
        today = datetime.date.today().isoformat()
        found = [
            record
            for record in self._all().values()
            if all(word in _haystack(record) for word in words) and (ended or (record.end_of_life or today) >= today)
        ]
        found.sort(key=lambda record: record.released or "", reverse=True)
        found.sort(key=lambda record: query.strip().lower() not in (record.name.lower(), *record.short_ids))
        return [self._system(record) for record in found]

    def get(self, name: str) -> System | None:
        """The system with this short id or full id; None if the database has none."""
        self._all()
        record = self._names.get(name) or self._records.get(name)
        return self._system(record) if record else None

    def name_of(self, system: str) -> str | None:
        """The name of a system that is known."""
        found = self.get(system)
        return found.name if found else None

    def nearest(self, name: str) -> System:
        """The system with this id, else its newest known sibling that is not newer, else `generic`."""
        exact = self.get(name)
        if exact:
            return exact
        stem, version = detect.split(name)
        siblings = [
            (detect.numbers(detect.split(short)[1]), record)
            for short, record in self._names.items()
            if version
            and detect.split(short)[0] == stem
            and detect.numbers(detect.split(short)[1]) <= detect.numbers(version)
        ]
        return self._system(max(siblings, key=lambda pair: pair[0])[1] if siblings else GENERIC)

    def detect(self, label: Label) -> Detected | None:
        """The system that a medium with this label installs; None if nothing is known of it."""
        records = self._all().values()
        found = detect.matches(records, label)
        if found and "unknown" not in found[0].record.id:
            best, rest = found[0], {match.record.id: match.record for match in found[1:]}
            rest.pop(best.record.id, None)
            others = tuple(self._system(record) for record in rest.values())
            return Detected(
                self._system(best.record), best.medium.live, best.medium.boots, True, best.record.version, others
            )
        newer = detect.newer_release(records, label) or (found[0] if found else None)
        if newer is None:
            return None
        version = newer.guessed_version or newer.record.version
        return Detected(self._system(newer.record), newer.medium.live, newer.medium.boots, False, version)

    def guess(self, file_name: str) -> System | None:
        """The system that the name of a medium's file hints at: `ubuntu-22.04.4-live-server-amd64.iso`."""
        self._all()
        found = detect.by_name(self._names, file_name)
        return self._system(found) if found else None

    def guess_tree(self, url: str) -> System | None:
        """The system that the address of an installation tree hints at: `…/debian/dists/bookworm/`."""
        self._all()
        found = detect.by_tree(self._names, url)
        return self._system(found) if found else None

    def script(
        self, name: str, url: str | None, config: Mapping[str, str], *, packages: bool = True
    ) -> scripts.Script | None:
        """The script by which a system installs itself from a tree, or from a medium where there is no address.

        None where the database has none for it. `packages` is false for a medium that has none of its own.
        """
        self._all()
        record = self._names.get(name) or self._records.get(name)
        wanted = next((each.scripts for each in self._line(record) if each.scripts), []) if record else []
        found = scripts.find(self._folders, wanted) if wanted else None
        if record is None or found is None:
            return None
        subject = scripts.Subject(record.short_ids[0], record.name, record.version, record.distro, url, packages)
        return scripts.made(found, subject, config, scripts.maps_of(self._folders))

    def keyboard(self, locale: str) -> str:
        """The layout of a keyboard that fits a language such as `de_DE`."""
        return scripts.maps_of(self._folders).get(KEYBOARDS, {}).get(locale, "us")

    def _all(self) -> dict[str, Record]:
        with self._lock:
            if not self._records:
                self._load()
            return self._records

    def _load(self) -> None:
        records: dict[str, Record] = {}
        for folder in self._folders:
            for record in read_folder(folder):
                known = records.get(record.id)
                records[record.id] = _merged(known, record) if known else record
        self._installed = frozenset(records)
        own = resources.files(__package__).joinpath("newer.toml").read_text("utf-8")
        for record in read_supplement(own):
            records.setdefault(record.id, record)
        records[GENERIC.id] = GENERIC
        self._names = {short: record for record in records.values() for short in record.short_ids}
        self._records = records

    def _line(self, record: Record) -> Iterator[Record]:
        """The record, then what it inherits from, nearest first."""
        waiting, seen = [record], set[str]()
        while waiting:
            current = waiting.pop(0)
            if current.id in seen:
                continue
            seen.add(current.id)
            yield current
            waiting += [self._records[parent] for parent in current.parents if parent in self._records]

    def _system(self, record: Record) -> System:
        line = list(self._line(record))
        devices: dict[str, bool] = {}
        firmware: dict[str, bool] = {}
        for ancestor in reversed(line):
            devices.update(ancestor.devices)
            firmware.update({f.type: f.supported for f in ancestor.firmware if f.arch in (self._arch, "all")})
        needs = self._resources(line)
        tools = [r.short_ids[0] for r in line if r.id in self._installed and r.short_ids]
        return System(
            id=record.id,
            short_id=record.short_ids[0] if record.short_ids else record.id,
            name=record.name,
            version=record.version,
            family=record.family,
            distro=record.distro,
            released=record.released,
            end_of_life=record.end_of_life,
            minimum=needs.minimum,
            recommended=_recommended(needs),
            network_install_memory_mib=needs.network_install_memory_mib,
            supports=supported({device for device, has in devices.items() if has}),
            firmware=firmware,
            tool_id=next(iter(tools), "generic"),
            cloud_image=self._cloud_image(record),
        )

    def _cloud_image(self, record: Record) -> str | None:
        """That for any place, not for one kind of cloud, where there are several."""
        own = [image for image in record.images if image.arch in (self._arch, "all")]
        own.sort(key=lambda image: image.variant not in (None, "generic"))
        return own[0].url if own else None

    def _resources(self, line: list[Record]) -> Resources:
        for ancestor in line:
            own = [needs for arch in (self._arch, "all") for needs in ancestor.resources if needs.arch == arch]
            given = [needs for needs in own if not needs.inherit]
            if given:
                return given[0] if len(given) == 1 else _filled(given[0], given[1])
            if not own:
                break
        return NO_RESOURCES


def _merged(known: Record, more: Record) -> Record:
    """A record with what another file says of the same system: values are replaced, lists grow."""
    words = ("name", "version", "vendor", "family", "distro", "released", "end_of_life")
    texts = {word: getattr(more, word) or getattr(known, word) for word in words}
    return replace(
        known,
        **texts,
        status=more.status if more.status != "released" else known.status,
        short_ids=list(dict.fromkeys([*known.short_ids, *more.short_ids])),
        parents=known.parents + more.parents,
        devices=known.devices | more.devices,
        firmware=known.firmware + more.firmware,
        resources=more.resources + known.resources,
        media=known.media + more.media,
        images=more.images + known.images,
        scripts=known.scripts + more.scripts,
    )


def _filled(own: Resources, common: Resources) -> Resources:
    """What an architecture needs, with gaps filled from what all of them need."""

    def fill(one: Amount, other: Amount) -> Amount:
        return Amount(one.memory_mib or other.memory_mib, one.vcpus or other.vcpus, one.disk_gib or other.disk_gib)

    minimum, recommended = fill(own.minimum, common.minimum), fill(own.recommended, common.recommended)
    return replace(own, minimum=minimum, recommended=recommended)


def _recommended(needs: Resources) -> Amount:
    """What to propose: the recommended amounts, else twice the least (the rule of libosinfo's own tools)."""
    least, best = needs.minimum, needs.recommended
    return Amount(
        best.memory_mib or (least.memory_mib and 2 * least.memory_mib),
        best.vcpus or (least.vcpus and 2 * least.vcpus),
        best.disk_gib or (least.disk_gib and 2 * least.disk_gib),
    )


def _haystack(record: Record) -> str:
    return " ".join([record.name, record.vendor, record.version, *record.short_ids]).lower()
