"""What of the settings changes in a running machine, and how it is put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...hypervisor.tuning import Tuning
from ...model.cpusets import members
from ...model.definition import Definition
from ...model.threads import thread_ids
from ...model.tuning import BlkioTune, CpuTune
from ...model.xml import parse
from ..changing.changing import Act, Draft

UNTOLD = ("cputune.shares", "blkiotune.weight")
"""What the kernel takes where nothing is set depends on its version and nobody tells: that comes with a start."""
SCHEDULER = {
    "shares": ("cpu_shares", 1024),
    "period_us": ("vcpu_period", 100_000),
    "quota_us": ("vcpu_quota", -1),
    "global_period_us": ("global_period", 100_000),
    "global_quota_us": ("global_quota", -1),
    "emulator_period_us": ("emulator_period", 100_000),
    "emulator_quota_us": ("emulator_quota", -1),
    "iothread_period_us": ("iothread_period", 100_000),
    "iothread_quota_us": ("iothread_quota", -1),
}
"""libvirt's name of each value, and what the kernel has where nothing is set."""
LIMITS = {
    "hard_limit_mib": ("hard_limit", "--hard-limit"),
    "soft_limit_mib": ("soft_limit", "--soft-limit"),
    "swap_hard_limit_mib": ("swap_hard_limit", "--swap-hard-limit"),
}
DISKS = {
    "weight": ("device_weight", "--device-weights"),
    "read_bytes_s": ("device_read_bytes_sec", "--device-read-bytes-sec"),
    "write_bytes_s": ("device_write_bytes_sec", "--device-write-bytes-sec"),
    "read_iops": ("device_read_iops_sec", "--device-read-iops-sec"),
    "write_iops": ("device_write_iops_sec", "--device-write-iops-sec"),
}

POOL = {"thread_pool_min": 0, "thread_pool_max": 64}
"""How many workers QEMU keeps for an I/O thread where nothing is set (`thread-pool-max` of its object)."""


class LiveSettings:
    """Plans the acts on a running machine, and tells the equal virsh commands."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning

    def plan(self, draft: Draft, changes: Mapping[str, Any], before: Definition, running: Definition | None) -> None:
        """Each changed value by its way (`cputune.shares`)."""
        side = running if draft.live and running else before
        tune = {name.removeprefix("cputune."): value for name, value in changes.items() if name.startswith("cputune.")}
        memory = {name.removeprefix("memtune."): value for name, value in changes.items() if "memtune." in name}
        disks = {name.removeprefix("blkiotune."): value for name, value in changes.items() if "blkiotune." in name}
        if {"iothreads", "iothread_ids"} & changes.keys():
            self._threads(draft)
        if "iothread_ids" in changes:
            self._workers(draft, changes["iothread_ids"] or (), side)
        if "perf.events" in changes:
            self._counters(draft, changes["perf.events"] or (), side)
        self._schedule(draft, {name: value for name, value in tune.items() if name in SCHEDULER}, side)
        self._pins(draft, tune, side)
        self._limits(draft, memory, side)
        self._weights(draft, disks, side)

    def _schedule(self, draft: Draft, changes: Mapping[str, int | None], side: Definition) -> None:
        if not changes:
            return
        had = side.cputune or CpuTune()
        new = {SCHEDULER[name][0]: SCHEDULER[name][1] if value is None else value for name, value in changes.items()}
        held = self._tuning.scheduled(draft.uuid) if draft.live else {}
        old = {key: held.get(key, getattr(had, name) or usual) for name in changes for key, usual in [SCHEDULER[name]]}
        schedule = self._tuning.schedule
        _both(draft, lambda: schedule(draft.uuid, new), lambda: schedule(draft.uuid, old))
        words = [f"{SCHEDULER[name][0]}={value}" for name, value in changes.items() if value is not None]
        if words:
            draft.virsh("schedinfo", *draft.flags, *words)

    def _pins(self, draft: Draft, tune: Mapping[str, Any], side: Definition) -> None:
        had = side.cputune or CpuTune()
        pin_vcpu, pin_thread, pin_emulator = self._tuning.pin_vcpu, self._tuning.pin_thread, self._tuning.pin_emulator
        if "vcpu_pins" in tune:
            old, new = {p.vcpu: p.cpuset for p in had.vcpu_pins}, {p["vcpu"]: p["cpuset"] for p in tune["vcpu_pins"]}
            self._each(draft, "vcpupin", old, new, pin_vcpu)
        if "iothread_pins" in tune:
            left = thread_ids(draft.saved)  # a thread that goes takes its pin along
            old = {pin.iothread: pin.cpuset for pin in had.iothread_pins if pin.iothread in left}
            new = {pin["iothread"]: pin["cpuset"] for pin in tune["iothread_pins"]}
            self._each(draft, "iothreadpin", old, new, pin_thread)
        if "emulator_cpuset" in tune:
            was, now = members(had.emulator_cpuset or ""), members(tune["emulator_cpuset"] or "")
            _both(draft, lambda: pin_emulator(draft.uuid, now), lambda: pin_emulator(draft.uuid, was))
            if tune["emulator_cpuset"]:
                draft.virsh("emulatorpin", tune["emulator_cpuset"], *draft.flags)

    def _each(self, draft: Draft, word: str, old: dict[int, str], new: dict[int, str], pin: Any) -> None:
        flags = draft.flags if set(old) <= set(new) else ["--live"] * draft.live  # virsh cannot forget a saved pin
        for number in sorted({*old, *new}):
            was, now = old.get(number, ""), new.get(number, "")
            if was == now:
                continue
            _both(draft, _call(pin, draft.uuid, number, members(now)), _call(pin, draft.uuid, number, members(was)))
            if now and flags:
                draft.virsh(word, number, now, *flags)

    def _threads(self, draft: Draft) -> None:
        wanted = thread_ids(draft.saved)
        add, remove = self._tuning.add_thread, self._tuning.remove_thread
        have = thread_ids(draft.running) if draft.live and draft.running is not None else None
        before = have if have is not None else thread_ids(parse(draft.before))
        for number in [each for each in wanted if each not in before]:
            _both(draft, _call(add, draft.uuid, number), _call(remove, draft.uuid, number))
            draft.virsh("iothreadadd", number, *draft.flags)
        for number in [each for each in before if each not in wanted]:
            _both(draft, _call(remove, draft.uuid, number), _call(add, draft.uuid, number))
            draft.virsh("iothreaddel", number, *draft.flags)

    def _workers(self, draft: Draft, wished: Sequence[Mapping[str, Any]], side: Definition) -> None:
        old = {each.id: _pool(each.model_dump()) for each in side.iothread_ids}
        new = {each["id"]: _pool(each) for each in wished}
        size = self._tuning.size_thread
        for number in (each for each in thread_ids(draft.saved) if each in {*old, *new}):
            was, now = old.get(number, POOL), new.get(number, POOL)
            if was != now:
                _both(draft, _call(size, draft.uuid, number, now), _call(size, draft.uuid, number, was))
                words = [f"--{name.replace('_', '-')}={value}" for name, value in now.items()]
                draft.virsh("iothreadset", number, *words, *draft.flags)

    def _counters(self, draft: Draft, wished: Sequence[Mapping[str, Any]], side: Definition) -> None:
        old = {each.name for each in side.perf.events if each.enabled} if side.perf else set[str]()
        new = {each["name"] for each in wished if each["enabled"]}
        now = dict.fromkeys(sorted(new - old), True) | dict.fromkeys(sorted(old - new), False)
        if now:
            count, back = self._tuning.count, {name: not on for name, on in now.items()}
            _both(draft, lambda: count(draft.uuid, now), lambda: count(draft.uuid, back))
            acts = [
                (act, [name for name in now if now[name] is on])
                for act, on in (("--enable", True), ("--disable", False))
            ]
            draft.virsh(
                "perf", *(word for act, names in acts if names for word in (act, ",".join(names))), *draft.flags
            )

    def _limits(self, draft: Draft, changes: Mapping[str, int | None], side: Definition) -> None:
        if not changes:
            return
        kib = {LIMITS[name][0]: None if value is None else value * 1024 for name, value in changes.items()}
        had = {LIMITS[name][0]: getattr(side.memtune, name, None) for name in changes}
        back = {name: None if value is None else value * 1024 for name, value in had.items()}
        limit = self._tuning.limit_memory
        _both(draft, lambda: limit(draft.uuid, kib), lambda: limit(draft.uuid, back))
        words = [word for name, value in changes.items() if value for word in (LIMITS[name][1], str(value * 1024))]
        if words:
            draft.virsh("memtune", *words, *draft.flags)

    def _weights(self, draft: Draft, changes: Mapping[str, Any], side: Definition) -> None:
        if not changes:
            return
        had = side.blkiotune or BlkioTune()
        held = self._tuning.weighed(draft.uuid) if draft.live else {}
        old = {"weight": held.get("weight", had.weight), "devices": [device.model_dump() for device in had.devices]}
        new, back = _weights(changes, old), _weights({name: old[name] for name in changes}, changes)
        weigh = self._tuning.weigh_disks
        if new:
            _both(draft, lambda: weigh(draft.uuid, new), lambda: weigh(draft.uuid, back))
        words = [str(part) for name, value in new.items() for part in (_option(name), value)]
        if words:
            draft.virsh("blkiotune", *words, *draft.flags)


def _pool(thread: Mapping[str, Any]) -> dict[str, int]:
    return {name: usual if thread.get(name) is None else thread[name] for name, usual in POOL.items()}


def _option(name: str) -> str:
    return next((word for key, word in DISKS.values() if key == name), "--weight")


def _weights(changes: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, int | str]:
    """By libvirt's names; a limit that goes is 0 to libvirt, and what is not named stays."""
    found: dict[str, int | str] = {"weight": changes["weight"]} if changes.get("weight") else {}
    now, was = _by_path(changes), _by_path(before) if "devices" in changes else {}
    for name, (key, _word) in DISKS.items():
        limits = {path: each[name] for path, each in now.items() if each.get(name) is not None}
        gone = {path: 0 for path, each in was.items() if each.get(name) and path not in limits}
        if limits or gone:
            found[key] = ",".join(f"{path},{value}" for path, value in (gone | limits).items())
    return found


def _by_path(tune: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {each["path"]: each for each in tune.get("devices") or ()}


def _both(draft: Draft, act: Act, back: Act) -> None:
    if draft.live:
        draft.acts.append((act, back))


def _call(act: Any, *words: Any) -> Act:
    return lambda: act(*words)
