"""Further settings of a new machine: asked for as of one that exists, planned in its definition before it is saved."""

from __future__ import annotations

from dataclasses import replace

from ...hypervisor.hosts import Hosts
from ...model.create import Built, DomainCreate
from ...model.definition import describe
from ...model.domain import DomainRow
from ...model.edits import DomainPatch
from ...model.installing import first_boot, pending
from ...model.xml import Element, dump, parse
from ...problems import FieldError, Problem
from ..changing.changing import Draft, below
from ..settings.edit import Asking

OUTSIDE = (DomainCreate.model_fields.keys() & DomainPatch.model_fields.keys()) - {"cpu"}
"""What a new machine is asked for by members of their own, since its defaults follow from them."""


class FurtherSettings:
    """Plans them."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._asking = Asking(hosts)

    def plan(self, host: str, built: Built, settings: DomainPatch | None) -> tuple[Built, list[str]]:
        """The definitions with these settings, and the commands that make them so; faults stand below `/settings`."""
        if settings is None:
            return built, []
        _check_once(settings)
        draft = self._draft(host, built.final_xml)
        below("settings", draft, lambda: self._asking.plan(draft, settings))
        install = pending(draft.saved)
        made = replace(
            built,
            final_xml=dump(draft.saved),
            install_xml=dump(first_boot(draft.saved, install)) if install else None,
            warnings=[*built.warnings, *draft.warnings],
        )
        return made, draft.commands

    def _draft(self, host: str, text: str) -> Draft:
        found, saved = self._hosts.get(host), parse(text)
        cpus = found.capabilities.cpus
        row, uuid = _row(saved), describe(saved).uuid or ""
        return Draft(host, uuid, row, found.domains, text, saved, None, False, True, found.is_test, cpus)


def _check_once(settings: DomainPatch) -> None:
    twice = sorted(settings.model_fields_set & OUTSIDE)
    if twice:
        errors = [FieldError(f"/settings/{name}", f"Ask for this outside of settings, as /{name}.") for name in twice]
        raise Problem("invalid-input", errors[0].detail, errors=errors)


def _row(saved: Element) -> DomainRow:
    """What libvirt will tell of it."""
    known = describe(saved)
    return DomainRow(
        uuid=known.uuid or "",
        name=known.name,
        state="shut_off",
        reason="",
        persistent=True,
        autostart=False,
        has_saved_image=False,
        vcpus=known.vcpus or known.vcpus_max,
        vcpus_max=known.vcpus_max,
        memory_kib=(known.memory_mib or known.memory_max_mib) * 1024,
        memory_max_kib=known.memory_max_mib * 1024,
    )
