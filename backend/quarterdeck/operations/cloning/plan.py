"""A clone as a plan: its definition, its disks, and what to know before."""

from __future__ import annotations

import posixpath
import secrets
import shlex
import uuid as uuids
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field

from ...access import User
from ...hypervisor.host import Host
from ...hypervisor.hosts import Hosts
from ...model.clone import CloneChange, Cloned, DomainClone, Identity, Placement, clone_name, cloned
from ...model.definition import describe
from ...model.domain import DomainRow
from ...model.installing import with_seed
from ...model.sizing import resize
from ...model.snapshot import Kept, files_of
from ...model.strict import Value
from ...model.template import as_template, is_template
from ...model.units import human_size
from ...model.xml import Element, diff, dump, parse
from ...plan import Effect, Plan
from ...problems import Problem, field_problem
from ..changing.macs import Macs
from ..creating.seeds import Owner, Seed, Seeds
from ..faults import Faults
from ..inventory.actions import BY_ID, reason
from ..inventory.inventory import Inventory
from ..inventory.refusals import Facts
from ..storage.disk_copies import Chosen, DiskChooser, DiskCopy, Overlay, Promised, overlay_of
from ..storage.still import freeze_command, has_agent, moment, thaw_commands
from ..storage.storage import Storage
from .checks import check_kept, check_several, check_size, check_template, check_tpm, check_variables

Earlier = Kept | Element | None
"""What a clone is made of where it is not the machine of today: a snapshot, or the definition of a version."""


class CloneDiskView(Value):
    """What becomes of a disk."""

    target: str
    act: str
    pool: str
    volume: str
    size_bytes: int


class ClonePlan(Plan):
    """What a clone would be."""

    name: str
    names: list[str] = Field([], description="Of all, where there are several")
    memory_mib: int
    vcpus: int
    disks: list[CloneDiskView] = Field([], description="Disks that the clone gets as its own")
    changes: list[CloneChange] = Field([], description="What differs from the original, and why")


@dataclass(frozen=True)
class Prepared:
    """Everything a clone needs, read but not begun. `quiesce`: the guest's agent is asked to stop its writing.

    `frozen`: it is made of the files of a snapshot, which nobody writes.
    """

    host: Host
    row: DomainRow
    request: DomainClone
    name: str
    uuid: str
    cloned: Cloned
    copies: list[DiskCopy]
    overlays: list[Overlay]
    quiesce: bool
    plan: ClonePlan
    frozen: bool = False
    seed: Seed | None = None

    @property
    def lasting(self) -> bool:
        """Whether the original stays on its overlays."""
        return any(copy.act == "link" for copy in self.copies)

    @property
    def copies_tpm(self) -> bool:
        """Whether the content of the TPM goes along."""
        return self.cloned.tpm is not None and self.request.tpm_state == "copy"

    def params(self) -> dict[str, Any]:
        """What tidies up after a restart; holds no secret."""
        made = [{"pool": copy.pool, "name": copy.name} for copy in self.copies]
        made += [{"pool": self.seed.pool, "name": self.seed.name}] if self.seed else []
        return {
            "uuid": self.uuid,
            "made": made,
            "lent": sorted({c.origin.lent for c in self.copies if c.origin.lent}),
            "overlays": [overlay.params() for overlay in self.overlays],
            "nvram": self.cloned.nvram,
            "tpm": self.copies_tpm,
            "inside": any(copy.inside for copy in self.copies),
        }


class Planner:
    """Turns a wish for a clone into a plan; touches nothing."""

    def __init__(self, hosts: Hosts, inventory: Inventory, storage: Storage) -> None:
        self._hosts = hosts
        self._inventory = inventory
        self._storage = storage
        self.macs = Macs()
        self._seeds = Seeds(hosts)

    def prepare_all(self, host: str, uuid: str, request: DomainClone, user: User, kept: Earlier) -> list[Prepared]:
        """All clones that are meant; none of them takes what another one takes."""
        if request.count == 1:
            return [self.prepare(host, uuid, request, user, kept, Promised())]
        check_several(request)
        if not request.name:
            original = self._allowed(host, uuid, user).row.name
            request = request.model_copy(update={"name": clone_name(original, self._names(host))})
        promised = Promised()
        found = [self.prepare(host, uuid, each, user, kept, promised) for each in request.numbered()]
        if any(prepared.overlays for prepared in found):
            detail = "Several at once stand on a template: make it one first, or clone in full while it is off."
            raise field_problem("/count", detail)
        return found

    def prepare(
        self,
        host: str,
        uuid: str,
        request: DomainClone,
        user: User,
        kept: Earlier,
        promised: Promised,
    ) -> Prepared:
        """The clone that is meant, of the machine or of what it was; Problem with every fault.

        What it takes of the pools is added to `promised`.
        """
        found, faults, facts = self._hosts.get(host), Faults(), self._allowed(host, uuid, user)
        saved, live = _definitions(found, facts.row, kept)
        frozen = kept is not None and not (isinstance(kept, Kept) and kept.kind == "internal")
        if isinstance(kept, Kept):
            now = parse(found.domains.xml(uuid, live=facts.row.active))
            check_kept(kept, saved, files_of(now), request, faults)
        name = self._name(host, facts.row.name, request, faults)
        chosen = DiskChooser(found, uuid, request, name, faults, promised).choose(saved, live, facts.row.name)
        if isinstance(kept, Kept) and not frozen:
            chosen.copies = list(_taken_out(chosen.copies, kept, faults))
        identity = self._identity(host, saved, request, name, chosen, faults)
        still = frozen or (is_template(saved) and not facts.row.active)
        overlays = [] if still else self._overlays(found, facts.row, chosen, identity.seed, faults)
        check_tpm(request, faults, busy=facts.row.active and not isinstance(kept, Kept))
        check_template(request, faults)
        check_size(found, saved, request, faults)
        faults.check()
        made, seed = cloned(dump(saved), identity), self._seed(host, request, identity, chosen, faults)
        check_variables(made, self._storage.usage.paths(host), faults)
        faults.check()
        _complete(made, request, seed, kept)
        quiesce = bool(overlays) and live is not None and has_agent(live)
        plan = _plan(facts.row, request, saved, identity, chosen, made, overlays, quiesce=quiesce)
        if kept is not None:
            plan.commands = []
        plan.warnings = [*_needs(facts.row, kept, chosen, overlays), *plan.warnings, *faults.warnings]
        parts = (made, chosen.copies, overlays, quiesce, plan, frozen, seed)
        return Prepared(found, facts.row, request, name, identity.uuid, *parts)

    def _allowed(self, host: str, uuid: str, user: User) -> Facts:
        """The machine as it is now; Problem where it cannot be cloned."""
        self._inventory.refresh(host, uuid)
        facts = self._inventory.facts(host, uuid)
        why = reason(BY_ID["clone"], facts, user.role)
        if why:
            raise Problem("wrong-state", why)
        return facts

    def _name(self, host: str, original: str, request: DomainClone, faults: Faults) -> str:
        taken = self._names(host)
        if request.name in taken:
            faults.add("/name", f"The host has a machine {request.name} already.", "name-taken")
        return request.name or clone_name(original, taken)

    def _names(self, host: str) -> set[str]:
        return {name for name, _versions in self._inventory.versions(host).values()}

    def _identity(
        self, host: str, saved: Element, request: DomainClone, name: str, chosen: Chosen, faults: Faults
    ) -> Identity:
        return Identity(
            name=name,
            uuid=str(uuids.uuid4()),
            genid=str(uuids.uuid4()),
            macs=tuple(self._macs(host, name, len(saved.findall("devices/interface")), request, faults)),
            disks={copy.target: Placement(copy.path, copy.format, copy.block) for copy in chosen.copies},
            seed=secrets.token_hex(16),
            skipped=frozenset(chosen.skipped),
            host_devices=request.host_devices,
            networks=tuple(self._networks(host, len(saved.findall("devices/interface")), request, faults)),
        )

    def _seed(self, host: str, request: DomainClone, identity: Identity, chosen: Chosen, faults: Faults) -> Seed | None:
        if request.cloud_init is None:
            return None
        owner = Owner(identity.name, identity.uuid, identity.macs)
        pool = chosen.copies[0].pool if chosen.copies else "default"
        wish = request.cloud_init
        return self._seeds.plan(host, wish, owner, beside=pool, pointer="/cloud_init", found=faults)

    def _macs(self, host: str, name: str, count: int, request: DomainClone, faults: Faults) -> Iterator[str]:
        taken = dict(self._storage.usage.macs(host))
        if len(request.macs) > count:
            faults.add("/macs", f"The machine has {count} cards; {len(request.macs)} addresses are given.")
        for number in range(count):
            asked = request.macs[number] if number < len(request.macs) else None
            if asked in taken:
                faults.add(f"/macs/{number}", f"{asked} is the address of a card of {taken[asked or '']}.", "in-use")
            mac = asked or self.macs.propose(host, name, number, taken)
            taken[mac] = "this clone"
            yield mac

    def _networks(self, host: str, count: int, request: DomainClone, faults: Faults) -> Iterator[str | None]:
        if len(request.networks) > count:
            faults.add("/networks", f"The machine has {count} cards; {len(request.networks)} networks are given.")
        known = {row.name for row in self._hosts.get(host).networks.rows()} if any(request.networks) else set()
        for number, network in enumerate(request.networks):
            if network and network not in known:
                faults.add(f"/networks/{number}", f"The host has no network {network}.")
            yield network

    def _overlays(self, host: Host, row: DomainRow, chosen: Chosen, token: str, faults: Faults) -> list[Overlay]:
        """Where the original goes on: a running one while it is copied, and any one that gets a linked clone."""
        needed = [copy for copy in chosen.copies if row.active or copy.act == "link"]
        if not needed:
            return []
        if host.is_test:
            faults.add("/mode", "On a made-up host only machines that are off can be cloned, in full.", "unsupported")
            return []
        links = any(copy.act == "link" for copy in needed)
        if links and host.domains.snapshot_count(row.uuid):
            detail = "It has snapshots, which need its disks as they are: delete them first, or clone it in full."
            faults.add("/mode", detail, "unsupported")
        overlays = []
        for copy in needed:
            try:
                room = None if copy.block else (copy.pool, posixpath.dirname(copy.path))
                overlays.append(overlay_of(copy.target, copy.origin, room, token, lasting=links))
            except Problem as problem:
                faults.take("/disks", problem)
        return overlays


def _plan(
    row: DomainRow,
    request: DomainClone,
    saved: Element,
    identity: Identity,
    chosen: Chosen,
    made: Cloned,
    overlays: list[Overlay],
    *,
    quiesce: bool,
) -> ClonePlan:
    now = describe(saved)
    return ClonePlan(
        name=identity.name,
        memory_mib=request.memory_mib or now.memory_mib or now.memory_max_mib,
        vcpus=request.vcpus or now.vcpus or now.vcpus_max,
        disks=[_view(copy) for copy in chosen.copies],
        changes=made.changes,
        xml_diff=diff(saved, made.xml, (row.name, identity.name)),
        commands=list(_commands(row, request, identity, chosen, overlays)),
        effects=[Effect(field="domain", when="live")],
        notes=["It is kept as a template: it is not started, and others are cloned from it."]
        if request.template
        else [],
        warnings=list(_warnings(row, request, made, chosen, overlays, quiesce=quiesce)),
    )


def _definitions(host: Host, row: DomainRow, kept: Earlier) -> tuple[Element, Element | None]:
    """The definition that is cloned, and the one that runs, where the disks are those in use now."""
    if kept is not None:
        return (kept.definition() if isinstance(kept, Kept) else kept), None
    live = parse(host.domains.xml(row.uuid, live=True)) if row.active else None
    return parse(host.domains.xml(row.uuid, secure=True)), live


def _taken_out(copies: list[DiskCopy], kept: Kept, faults: Faults) -> Iterator[DiskCopy]:
    """The same copies, of what a snapshot inside each disk holds."""
    for copy in copies:
        if copy.origin.encrypted:
            faults.add("/disks", f"Only the machine itself reads what lies inside {copy.target}.", "unsupported")
        yield replace(copy, inside=kept.name)


def _complete(made: Cloned, request: DomainClone, seed: Seed | None, kept: Earlier) -> None:
    """Put into the definition what a machine of that kind has beyond its original."""
    if isinstance(kept, Kept):
        made.copy_from(kept.copies)
    if request.memory_mib or request.vcpus:
        root = parse(made.xml)
        resize(root, request.memory_mib, request.vcpus)
        made.xml = dump(root)
        if request.memory_mib:
            made.tell("memory", human_size(request.memory_mib << 20))
        if request.vcpus:
            made.tell("vcpus", str(request.vcpus))
    if seed:
        made.xml = with_seed(made.xml, seed.path)
        made.tell("cloud_init", f"At its first start the guest reads {seed.path}, which goes afterwards.")
    if request.template:
        made.xml = as_template(made.xml, 1)
        made.tell("template", "It is a template: its disks stay as they are, so that clones can stand on them.")


def _view(copy: DiskCopy) -> CloneDiskView:
    return CloneDiskView(
        target=copy.target, act=copy.act, pool=copy.pool, volume=copy.name, size_bytes=copy.origin.capacity
    )


def _needs(row: DomainRow, kept: Earlier, chosen: Chosen, overlays: list[Overlay]) -> Iterator[str]:
    if not overlays and any(copy.act == "link" for copy in chosen.copies):
        base = f"the snapshot {kept.name}" if isinstance(kept, Kept) else f"the template {row.name}"
        yield f"It needs the disks of {base}, which must stay."


def _warnings(
    row: DomainRow, request: DomainClone, made: Cloned, chosen: Chosen, overlays: list[Overlay], *, quiesce: bool
) -> Iterator[str]:
    links = [copy for copy in chosen.copies if copy.act == "link"]
    if row.active and overlays:
        yield moment(quiesce=quiesce)
    if links and overlays:
        yield (
            f"{row.name} goes on in a new file on top of its disk, and both machines need what is now its disk: "
            "that file must not be deleted or written."
        )
    if made.tpm and request.tpm_state == "new":
        yield "Its TPM is empty: a guest that keeps keys there (BitLocker) asks for its recovery key."
    yield from chosen.warnings
    yield from made.warnings
    if request.cloud_init is None:
        yield "The guest in it still believes to be the original: host name, SSH host keys and licences are copied."
    else:
        yield "Only a guest that has cloud-init reads the first settings."


def _commands(
    row: DomainRow, request: DomainClone, identity: Identity, chosen: Chosen, overlays: list[Overlay]
) -> Iterator[str]:
    name, saved = identity.name, f"virsh define {shlex.quote(identity.name + '.xml')}"
    if not overlays and not chosen.skipped:
        words = ["virt-clone", "--original", row.name, "--name", name]
        for copy in chosen.copies:
            words += ["--file", copy.path]
        for mac in identity.macs:
            words += ["--mac", mac]
        yield shlex.join(words)
        if request.template or request.memory_mib or request.vcpus or any(request.networks):
            yield saved
        return
    if overlays:
        yield freeze_command(row.name, overlays)
    for copy in chosen.copies:
        origin = copy.origin
        if copy.act == "link":
            words = ["virsh", "vol-create-as", copy.pool, copy.name, str(origin.capacity), "--format", "qcow2"]
            yield shlex.join([*words, "--backing-vol", origin.path, "--backing-vol-format", origin.format])
        else:
            yield shlex.join(["virsh", "vol-clone", "--pool", origin.pool, origin.volume, copy.name])
    if not any(copy.act == "link" for copy in chosen.copies):
        yield from thaw_commands(row.name, overlays)
    yield saved
