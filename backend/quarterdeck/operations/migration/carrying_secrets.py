"""Secrets of libvirt that a machine opens its disks with: whether the other host has them, and how they get there.

libvirt carries none with a machine. The value goes from one libvirt to the other and is kept nowhere between.
"""

from __future__ import annotations

import base64
import binascii
import shlex
from collections.abc import Iterator

from ...access import Permission
from ...hypervisor.host import Host
from ...hypervisor.shell import run_there
from ...model.secret import NeededSecret, is_private, kind_of
from ...plan import Change, Effect, Plan
from ...problems import Problem, field_problem
from ..changing.changing import here_document
from .situation import MigrationFinding, Repair, Situation, found

REASON = "QEMU there cannot open what the secret opens, and libvirt takes no secret along."


def secrets(at: Situation) -> Iterator[MigrationFinding]:
    """Whether the destination's libvirt has the secrets that the machine needs."""
    if at.source.is_test or at.destination.is_test:
        return  # the test driver keeps none
    for need in at.machine.secrets:
        title = _wrong(at.destination, need)
        if title:
            yield _found(at, need, title)


def _wrong(there: Host, need: NeededSecret) -> str | None:
    uuid = there.secrets.find(need.uuid, need.kind, need.usage)
    if uuid is None:
        return "A secret is missing"
    try:
        return "A secret has no value" if there.secrets.value(uuid) is None else None
    except Problem as problem:
        if problem.slug == "forbidden":
            return None  # private: it is there, and what it holds is told to nobody
        raise


def _found(at: Situation, need: NeededSecret, title: str) -> MigrationFinding:
    here, there = at.source.spec.name, at.destination.spec.name
    uuid = at.source.secrets.find(need.uuid, need.kind, need.usage)
    fact = f"{need.about} opens with the secret {need.uuid or need.usage}, which {there} does not have."
    if title == "A secret has no value":
        fact = f"{need.about} opens with the secret {need.uuid or need.usage}, which has no value on {there}."
    repairs = []
    if uuid:
        asks = is_private(at.source.secrets.xml(uuid))
        words = f"Carry it over to {there}"
        repairs = [Repair(kind="carry-secret", about=uuid, title=words, needs=Permission.HOST_EDIT, asks_secret=asks)]
    cure = f"Carry it over from {here}." if uuid else f"{here} has none either: define it there (virsh secret-define)."
    return found(f"secret-{need.uuid or need.usage}", "danger", title, fact, REASON, cure, *repairs)


def carry_secret(at: Situation, uuid: str, typed: str | None) -> Change[None]:
    """Make the secret there as it is here, with its value."""
    xml, there = at.source.secrets.xml(uuid), at.destination
    known = there.secrets.find(uuid, "", None) is not None

    def apply() -> None:
        value = _value(at.source, uuid, xml, typed)
        if not known:
            there.secrets.define(xml)
        try:
            there.secrets.set_value(uuid, value)
        except Problem:
            if not known:
                there.secrets.remove(uuid)
            raise

    virsh = shlex.join(["virsh", "-c", there.uri])
    commands = [] if known else [here_document(f"{virsh} secret-define /dev/stdin", xml)]
    commands.append(f"{virsh} secret-set-value {uuid} --interactive")
    notes = ["Its value goes straight to libvirt there. It is in no log, no job, and not in this plan."]
    return Change(Plan(commands=commands, effects=[Effect(field="secret", when="live")], notes=notes), apply)


def _value(source: Host, uuid: str, xml: str, typed: str | None) -> bytes:
    if typed:
        return _ceph_key(typed) if kind_of(xml) == "ceph" else typed.encode()
    try:
        value = source.secrets.value(uuid)
    except Problem as problem:
        if problem.slug != "forbidden":
            raise
        value = _kept(source, uuid)
    if value is None:
        raise field_problem("/secret_value", f"It has no value on {source.spec.name} either: type it.")
    return value


def _ceph_key(typed: str) -> bytes:
    try:
        return base64.b64decode(typed, validate=True)
    except binascii.Error as error:
        raise field_problem("/secret_value", "A key of Ceph is written in Base64.") from error


def _kept(source: Host, uuid: str) -> bytes:
    """The value of a private secret, from libvirt's own file, which only root can read."""
    path = shlex.quote(f"/etc/libvirt/secrets/{uuid}.base64")
    try:
        return base64.b64decode(run_there(source, f"cat {path}", root=True))
    except Problem as problem:
        words = f"libvirt on {source.spec.name} gives its value to nobody, and this server cannot read it: type it."
        raise field_problem("/secret_value", words) from problem
