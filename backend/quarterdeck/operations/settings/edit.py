"""Changes of a machine's settings: what is declared, and what has rules of its own (names, vCPUs, memory …)."""

from __future__ import annotations

import shlex
from typing import Any

from ...access import User
from ...hypervisor.hosts import Hosts
from ...model.bodies import asked as askable
from ...model.bodies import wanted
from ...model.boot import set_boot_order
from ...model.cpu import CpuTopology, NumaCell
from ...model.definition import Definition, describe
from ...model.domain import Domain, Inverse
from ...model.edits import ApplyQuery, DomainPatch
from ...model.needs import plugged_mib
from ...model.xml import NAMESPACES
from ...plan import Change, Effect
from ...problems import Problem
from ..changing.changing import Changing, Draft, before_of
from ..changing.metadata import tell_metadata
from ..inventory.actions import BY_ID, reason
from ..inventory.refusals import Facts
from .board import plan_board
from .settings import Settings

OWN = ("name", "title", "description", "vcpus", "vcpus_max", "memory_mib", "memory_max_mib", "machine")
DECLARED = frozenset(name for name, _place in askable(Definition)) - {*OWN}
"""What needs no more than its declaration; the rest has rules of its own below."""


class Asking:
    """Plans in a draft what is asked for of all settings but the name."""

    def __init__(self, hosts: Hosts) -> None:
        self._settings = Settings(hosts)

    def plan(self, draft: Draft, body: DomainPatch) -> None:
        """Note in the draft what is given, what that comes to, and what is wrong with it."""
        given = {name: getattr(body, name) for name in body.model_fields_set}
        _texts(draft, given)
        _vcpus(draft, given)
        _memory(draft, given)
        plan_board(draft, given, self._settings.site(draft))
        asked = {name: value for name, value in wanted(body).items() if name in DECLARED}
        if asked.get("cpu"):
            asked["cpu"] = _cpu(draft, asked["cpu"])
        if asked.get("boot"):
            _order(draft, asked["boot"])
        self._settings.plan(draft, {name: value for name, value in asked.items() if value != {}})
        _topology_fits(draft, given)
        _autostart(draft, given)


class Editing:
    """Plans changes of settings."""

    def __init__(self, hosts: Hosts, changing: Changing) -> None:
        self._asking = Asking(hosts)
        self._changing = changing

    def patch(
        self, host: str, uuid: str, body: DomainPatch, query: ApplyQuery, if_match: str | None, user: User
    ) -> Change[Domain]:
        """Change what is given, in the running machine too where that is possible; the machine as it then is."""
        draft = self._changing.begin(host, uuid, if_match, query.apply)
        self.ask(draft, body, user)
        draft.inverse = _inverse(draft, body)
        return self._changing.finish(draft, user)

    def ask(self, draft: Draft, body: DomainPatch, user: User) -> None:
        """Plan in a draft what is asked for."""
        self._asking.plan(draft, body)
        self._rename(draft, body.name, user)

    def _rename(self, draft: Draft, new: str | None, user: User) -> None:
        old = draft.row.name
        if not new or new == old:
            return
        why = reason(BY_ID["rename"], Facts(draft.row), user.role)
        if why:
            raise Problem("wrong-state", why)
        if draft.domains.find(new):
            draft.fault("/name", f"The host has a machine {new} already.", slug="name-taken")
        draft.acts.append(
            (lambda: draft.domains.rename(draft.uuid, new), lambda: draft.domains.rename(draft.uuid, old))
        )
        draft.virsh("domrename", new)
        draft.effect("name", live=True)


def _inverse(draft: Draft, body: DomainPatch) -> Inverse | None:
    """The way back for what the saved definition does not tell: autostart, and what only the running machine gets."""
    given = body.model_dump(mode="json", exclude_unset=True)
    live_only = not draft.save
    made = {name: value for name, value in given.items() if name == "autostart" or live_only}
    if not made or (made == {"autostart": draft.row.autostart}):
        return None
    running = describe(draft.running) if draft.running is not None else None
    before = before_of(running, made)
    if "autostart" in made:
        before["autostart"] = draft.row.autostart
    return Inverse(apply="live" if live_only else "both", body=before, made=made)


def _texts(draft: Draft, given: dict[str, Any]) -> None:
    for name in ("title", "description"):
        if name not in given:
            continue
        value, old = given[name] or None, getattr(describe(draft.saved), name)
        if draft.save:
            Definition.patch(draft.saved, {name: value})
        if draft.live:
            put = draft.domains.set_title if name == "title" else draft.domains.set_description
            draft.acts.append((_call(put, draft.uuid, value), _call(put, draft.uuid, old)))
        draft.virsh("desc", *(["--title"] if name == "title" else []), *draft.flags, "--new-desc", value or "")
        draft.effects.append(Effect(field=name, when="live"))
    if "tags" in given:
        tags = tuple(dict.fromkeys(given["tags"] or ()))
        if not draft.save:
            draft.fault("/tags", "Tags are kept in the saved definition only.", slug="unsupported")
        Definition.patch(draft.saved, {"metadata": {"tags": tags}})
        element = draft.saved.find("metadata/quarterdeck:tags", NAMESPACES)
        tell_metadata(draft, NAMESPACES["quarterdeck"], element, "--config")
        draft.effects.append(Effect(field="tags", when="live"))


def _call(put: Any, uuid: str, value: Any) -> Any:
    return lambda: put(uuid, value)


def _vcpus(draft: Draft, given: dict[str, Any]) -> None:
    now = describe(draft.saved)
    most = given.get("vcpus_max") or now.vcpus_max
    count = given.get("vcpus") or min(now.vcpus or now.vcpus_max, most)
    if not {"vcpus", "vcpus_max"} & given.keys():
        return
    if count > most:
        draft.fault("/vcpus", f"The machine may have {most} at most.", cure="Raise the maximum (vcpus_max) as well.")
    if given.get("vcpus_max") and most != now.vcpus_max:
        draft.late("vcpus_max", "/vcpus_max")
        draft.virsh("setvcpus", most, "--config", "--maximum")
    single = draft.saved.find("vcpus")
    if single is not None and draft.saved.find("vcpu") is not None:
        draft.saved.remove(single)  # libvirt makes the list of single vCPUs anew
    Definition.patch(draft.saved, {"vcpus_max": most, "vcpus": count if count != most else None})
    if given.get("vcpus"):
        _vcpus_live(draft, count)


def _vcpus_live(draft: Draft, count: int) -> None:
    running = describe(draft.running) if draft.running is not None else None
    live = draft.live and running is not None and count <= running.vcpus_max
    if draft.live and running is not None and not live:
        if not draft.save:
            draft.fault("/vcpus", f"The running machine can have {running.vcpus_max} at most.")
        draft.warnings.append(f"The running machine can have {running.vcpus_max} vCPUs at most; the rest comes later.")
    if live and running is not None:
        old = running.vcpus or running.vcpus_max
        put = draft.domains.set_vcpus

        def act() -> None:
            try:
                put(draft.uuid, count, live=True, saved=False)
            except Problem as problem:
                if problem.slug != "timed-out" or count > old or not draft.save:
                    raise  # else the guest was asked, and the difference stands among what waits

        draft.acts.append((act, lambda: put(draft.uuid, old, live=True, saved=False)))
        if count < old:
            kept = "what it keeps waits for the next start." if draft.save else "it is waited for some seconds."
            draft.warnings.append(f"The guest must give vCPUs back; {kept}")
    draft.virsh("setvcpus", count, *(["--live"] if live else []), *(["--config"] if draft.save else []))
    draft.effect("vcpus", live=live)


def _memory(draft: Draft, given: dict[str, Any]) -> None:
    now = describe(draft.saved)
    cells = _cells_mib(draft, given)
    most, size = given.get("memory_max_mib") or cells, given.get("memory_mib")
    if most and most != now.memory_max_mib:
        draft.late("memory_max_mib", "/cpu/cells" if most == cells else "/memory_max_mib")
        changes: dict[str, Any] = {"memory_max_mib": most}
        if not size and ((now.memory_mib or 0) > most or (cells and now.memory_mib == now.memory_max_mib)):
            changes["memory_mib"] = most
        elif not size and now.memory_mib == now.memory_max_mib:
            changes["memory_mib"] = now.memory_mib  # stays what it is; the maximum alone grows
        Definition.patch(draft.saved, changes)
        if cells:
            draft.warnings.append(f"The cells say how much memory there is: {most} MiB, not {now.memory_max_mib} MiB.")
        else:
            _into_cells(draft, most)
    if not size:
        return
    limit = most or now.memory_max_mib
    if size > limit:
        draft.fault("/memory_mib", f"The machine may have {limit} MiB at most.", cure="Raise memory_max_mib as well.")
    Definition.patch(draft.saved, {"memory_mib": size})
    _memory_live(draft, size)


def _cells_mib(draft: Draft, given: dict[str, Any]) -> int:
    """How much memory the NUMA cells that are asked for make, with what is plugged in; 0 where none are asked for."""
    cpu = given.get("cpu")
    cells = cpu.cells if cpu and "cells" in cpu.model_fields_set else ()
    return sum(cell.memory_mib or 0 for cell in cells) + plugged_mib(draft.saved) if cells else 0


def _into_cells(draft: Draft, most: int) -> None:
    """A cell that is the only one has all of it (virDomainDefPostParseMemory counts the cells, not `<memory>`)."""
    cells = draft.saved.findall("cpu/numa/cell")
    if not cells:
        draft.virsh("setmaxmem", f"{most}M", "--config")
    elif len(cells) == 1:
        size = most - plugged_mib(draft.saved)
        NumaCell.patch(cells[0], {"memory_mib": size})
        draft.commands.append(_virt_xml(draft, "--cpu", f"numa.cell0.memory={size * 1024}"))
    else:
        draft.fault(
            "/memory_max_mib",
            f"The memory is shared out among {len(cells)} NUMA cells, which say how much there is.",
            slug="unsupported",
            cure="Change the cells (cpu.cells): the maximum follows.",
        )


def _memory_live(draft: Draft, size: int) -> None:
    running = describe(draft.running) if draft.running is not None else None
    live = draft.live and running is not None and size <= running.memory_max_mib
    if draft.live and running is not None and not live:
        if not draft.save:
            draft.fault("/memory_mib", f"The running machine can have {running.memory_max_mib} MiB at most.")
        draft.warnings.append(
            f"The running machine can have {running.memory_max_mib} MiB at most; the rest comes later."
        )
    if live and running is not None:
        old = running.memory_mib or running.memory_max_mib
        put = draft.domains.set_memory
        draft.acts.append(
            (
                lambda: put(draft.uuid, size * 1024, live=True, saved=False),
                lambda: put(draft.uuid, old * 1024, live=True, saved=False),
            )
        )
    draft.virsh("setmem", f"{size}M", *(["--live"] if live else []), *(["--config"] if draft.save else []))
    draft.effect("memory_mib", live=live)


def _cpu(draft: Draft, cpu: dict[str, Any]) -> dict[str, Any]:
    """The change with what belongs to it: another mode forgets the model and how strictly the host must match."""
    now, changes = describe(draft.saved).cpu, dict(cpu)
    if "mode" in cpu or "model" in cpu:
        mode = cpu["mode"] if "mode" in cpu else ("custom" if cpu["model"] else now and now.mode)
        model = cpu.get("model", now.model if now and mode == "custom" else None)
        if mode == "custom" and not model:
            draft.fault("/cpu/model", "Name the model; it belongs to the mode custom.")
        if model and mode != "custom":
            draft.fault("/cpu/model", f"A named model needs the mode custom, not {mode}.")
            model = None
        usual = {"match": "exact" if mode == "custom" else None, "check": None, "migratable": None, "fallback": None}
        changes = usual | changes | {"mode": mode, "model": model}
    if cpu.get("topology"):
        had = (now and now.topology) or CpuTopology()
        asked = {name: cpu["topology"].get(name, getattr(had, name)) for name in CpuTopology.places}
        changes["topology"] = {name: value if name == "clusters" else value or 1 for name, value in asked.items()}
    return changes


def _virt_xml(draft: Draft, *words: str) -> str:
    return shlex.join(["virt-xml", draft.row.name, "--edit", *words])


def _topology_fits(draft: Draft, given: dict[str, Any]) -> None:
    now = describe(draft.saved)
    topology = now.cpu.topology if now.cpu else None
    touched = "vcpus_max" in given or (given.get("cpu") and "topology" in given["cpu"].model_fields_set)
    if not touched or topology is None or topology.product == now.vcpus_max:
        return
    pointer = "/cpu/topology" if given.get("cpu") else "/vcpus_max"
    text = " × ".join(f"{count} {name}" for name, count in topology.model_dump(exclude_none=True).items())
    draft.fault(
        pointer, f"{text} make {topology.product} vCPUs, but the maximum is {now.vcpus_max}; both must be equal."
    )


def _order(draft: Draft, boot: dict[str, Any]) -> None:
    """Take the order out of the change, since it stands at the devices."""
    if "order" not in boot:
        return
    order = list(boot.pop("order") or ())
    try:
        set_boot_order(draft.saved, order)
    except KeyError as unknown:
        number = order.index(str(unknown.args[0]))
        draft.fault(f"/boot/order/{number}", f"There is no device {unknown.args[0]} that can boot.")
    draft.late("boot.order", "/boot/order")
    for number, name in enumerate(order, 1):
        kind, _, key = name.partition("-")
        match = f"mac={_colons(key)}" if kind == "interface" else f"target={key}"
        option = "--network" if kind == "interface" else "--disk"
        draft.commands.append(_virt_xml(draft, match, option, f"boot.order={number}"))


def _colons(key: str) -> str:
    return ":".join(key[at : at + 2] for at in range(0, len(key), 2))


def _autostart(draft: Draft, given: dict[str, Any]) -> None:
    on = given.get("autostart")
    if on is None or on == draft.row.autostart:
        return
    if not draft.row.persistent:
        draft.fault("/autostart", "A temporary machine cannot start with the host.", slug="wrong-state")
    put = draft.domains.set_autostart
    draft.acts.append((lambda: put(draft.uuid, on), lambda: put(draft.uuid, not on)))
    draft.virsh("autostart", *([] if on else ["--disable"]))
    draft.effects.append(Effect(field="autostart", when="live"))
