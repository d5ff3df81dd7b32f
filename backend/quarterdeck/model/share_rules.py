"""What must hold of shares of the host's caches and bandwidth, and of how fast NUMA cells reach each other.

Sources: libvirt's virDomainCachetuneDefParse, virDomainMemorytuneDefParse and virDomainNumaDefValidate (9.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .cpu import Cpu, NumaCell, Way
from .cpusets import members
from .definition import Definition
from .remarks import Fault, Given, Remark, Site
from .shares import CacheTune, MemoryTune
from .tuning import CpuTune


def shares(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    """What is wrong with shares of caches and of bandwidth."""
    tune = after.cputune
    if tune is None:
        return
    yield from _apart(tune.caches, "/cputune/caches", after.vcpus_max)
    yield from _apart(tune.bandwidths, "/cputune/bandwidths", after.vcpus_max)
    for name in ("caches", "bandwidths"):
        if getattr(tune, name) and after.type != "kvm":
            yield Fault(f"/cputune/{name}", "Only a machine on KVM has such shares.")
    real = bool(site.host.nodes)
    if tune.caches and real and not site.host.cache_controls:
        yield Fault("/cputune/caches", "The host's CPUs or kernel do not share out their caches (resctrl).")
    if tune.bandwidths and real and not site.host.bandwidth_nodes:
        yield Fault("/cputune/bandwidths", "The host's CPUs or kernel do not share out bandwidth (resctrl).")
    yield from _banks(tune.caches, site)
    yield from _crossed(tune)
    for number, each in enumerate(tune.bandwidths):
        for at, part in enumerate(each.nodes):
            if site.host.bandwidth_nodes and part.node not in site.host.bandwidth_nodes:
                yield Fault(f"/cputune/bandwidths/{number}/nodes/{at}/node", f"The host has no node {part.node}.")


def _banks(caches: Sequence[CacheTune], site: Site) -> Iterator[Fault]:
    known = {(each.level, each.id): each for each in site.host.cache_controls}
    for number, each in enumerate(caches):
        for at, part in enumerate(each.caches):
            pointer, bank = f"/cputune/caches/{number}/caches/{at}", known.get((part.level, part.id))
            if known and bank is None:
                yield Fault(f"{pointer}/id", f"The host shares out no cache {part.id} of level {part.level}.")
            elif bank and part.kind not in bank.kinds:
                yield Fault(f"{pointer}/kind", f"The host shares it out for {' or '.join(bank.kinds)}.")
            elif bank and part.size_kib and part.size_kib % bank.step_kib:
                yield Fault(f"{pointer}/size_kib", f"It is shared out in steps of {bank.step_kib} KiB.")


def _crossed(tune: CpuTune) -> Iterator[Fault]:
    """Libvirt makes one group of the kernel of what has the same vCPUs (virDomainResctrlVcpuMatch)."""
    groups = [members(each.vcpus) for each in tune.caches]
    for number, each in enumerate(tune.bandwidths):
        vcpus = members(each.vcpus)
        if any(vcpus & group and vcpus != group for group in groups):
            said = "A share of caches has some of these vCPUs: both must have the same ones, or none in common."
            yield Fault(f"/cputune/bandwidths/{number}/vcpus", said)


def _apart(parts: Sequence[CacheTune | MemoryTune], pointer: str, most: int) -> Iterator[Fault]:
    seen: set[int] = set()
    for number, part in enumerate(parts):
        vcpus = members(part.vcpus)
        if vcpus and max(vcpus) >= most:
            yield Fault(f"{pointer}/{number}/vcpus", f"The machine has vCPUs 0 to {most - 1}.")
        if vcpus & seen:
            yield Fault(f"{pointer}/{number}/vcpus", "A vCPU belongs to one share only.")
        seen |= vcpus
        for at, counted in enumerate([monitor.vcpus for monitor in part.monitors]):
            if not members(counted) <= vcpus:
                yield Fault(f"{pointer}/{number}/monitors/{at}/vcpus", f"They are among {part.vcpus}.")
        if not part.monitors and not (part.caches if isinstance(part, CacheTune) else part.nodes):
            yield Fault(f"{pointer}/{number}", "Say what they share, or what is counted.")


def reach(after: Definition, given: Given, site: Site) -> Iterator[Remark]:
    """What is wrong with the speed between NUMA cells; a way is the same in both directions."""
    cpu = after.cpu or Cpu()
    cells = {cell.id if cell.id is not None else number: cell for number, cell in enumerate(cpu.cells)}
    for number, each in enumerate(cpu.cells):
        levels = [cache.level for cache in each.caches]
        if len(set(levels)) < len(levels):
            yield Fault(f"/cpu/cells/{number}/caches", "Each level stands here once.")
    seen: set[tuple[int, int]] = set()
    for name, ways in (("latencies", cpu.latencies), ("bandwidths", cpu.bandwidths)):
        told: set[tuple[object, ...]] = set()
        for number, way in enumerate(ways):
            pointer, key = f"/cpu/{name}/{number}", (way.initiator, way.target, way.cache, way.kind)
            yield from _ends(way, cells, pointer)
            if key in told:
                yield Fault(pointer, "This way stands here twice.")
            elif way.initiator != way.target and (way.target, way.initiator) in seen:
                yield Fault(pointer, "This way stands here in the other direction; say it once.")
            told.add(key)
            seen.add((way.initiator, way.target))


def _ends(way: Way, cells: Mapping[int, NumaCell], pointer: str) -> Iterator[Fault]:
    for end, cell in (("initiator", way.initiator), ("target", way.target)):
        if cell not in cells:
            yield Fault(f"{pointer}/{end}", f"There is no cell {cell}.")
    target = cells.get(way.target)
    if way.cache and target and way.cache not in [cache.level for cache in target.caches]:
        yield Fault(f"{pointer}/cache", f"The cell {way.target} has no cache of level {way.cache}.")
