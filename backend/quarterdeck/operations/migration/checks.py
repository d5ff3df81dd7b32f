"""What stands in the way of a move: every check with its reason and its cure. Touches nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from pydantic import Field, SecretStr

from ...access import User, require
from ...hypervisor.hosts import Hosts
from ...model.create import Strict
from ...model.domain import DomainRow
from ...model.migration import MigrationRequest
from ...model.migration_rules import MigrationOptions, offered
from ...model.moving import moved_machine
from ...model.strict import Value
from ...model.xml import canonical
from ...plan import Change
from ...problems import Problem
from ..changing.changing import Changing
from ..devices.devices import Devices
from .copies import is_shared
from .forecast import Forecast
from .forecasts import Forecasts
from .plan import Prepared, find_hosts, versions
from .repairs import REPAIRS, Hands
from .situation import MigrationFinding, Rule, Situation


class MigrationCheck(Value):
    """The findings of all checks, worst first; `checked` names the checks, `passed` tells what is well.

    `repaired` tells what was just done.
    """

    possible: bool
    findings: list[MigrationFinding]
    checked: list[str]
    passed: list[str] = []
    forecast: Forecast | None = None
    repaired: str | None = None


def _always(_at: Situation) -> bool:
    return True


def _moves(at: Situation) -> bool:
    return at.moves_memory and at.row.active


def _shares(at: Situation) -> bool:
    return any(disk.is_data and is_shared(disk, at.pools_here, at.pools_there) for disk in at.machine.disks)


def _tell_time(at: Situation) -> bool:
    return None not in (at.source.pulse.clock_seconds, at.destination.pulse.clock_seconds)


class Passed(NamedTuple):
    """What is said where a check finds nothing, and for which moves it looks at all."""

    words: str
    looks: Callable[[Situation], bool] = _always


PASSED = {
    "state": Passed("It is in a state that can move."),
    "stood-still": Passed("It has run on this host.", lambda at: _moves(at) and at.row.state == "paused"),
    "same-host": Passed("The destination is another host."),
    "names": Passed("Its name and UUID are free there."),
    "machine": Passed("The destination runs machines of its type."),
    "cpu": Passed("The destination's CPU has what it uses."),
    "firmware": Passed("Its firmware is known there."),
    "networks": Passed("Its networks are there."),
    "disks": Passed("Its disks are on shared storage, or can be copied."),
    "disk-files": Passed("The destination sees the files of its shared disks.", _shares),
    "cache": Passed("Its disks are written safely.", _moves),
    "media": Passed("No medium holds it here."),
    "secrets": Passed("Its secrets are known there."),
    "snapshots": Passed("No snapshots are in the way."),
    "host-devices": Passed("No device of this host is passed through."),
    "ties": Passed("No other device ties it to this host."),
    "cards": Passed("The network cards that it sits on are there."),
    "memory": Passed("The destination has the memory.", _moves),
    "host-name": Passed("No name of either host leads astray.", _moves),
    "clocks": Passed("The clocks are in step.", _tell_time),
    "reach": Passed("The source's libvirtd reaches the destination's.", _moves),
    "data-port": Passed("The ports of the transfer are open.", lambda at: _moves(at) and not at.request.tunnelled),
    "link": Passed("How fast the network is was seen lately.", lambda at: _moves(at) and at.link_known),
    "locks": Passed("It loses no protection against a second start."),
    "way-back": Passed("Nothing was seen that bars the way back.", _moves),
}


class RepairRequest(Strict):
    """A repair that the check of this move offers."""

    kind: str = Field(max_length=64)
    about: str = Field("", max_length=256)
    move: MigrationRequest
    secret_value: SecretStr | None = Field(
        None,
        min_length=1,
        max_length=1024,
        title="Passphrase",
        description="Of a secret that libvirt gives to nobody; of a Ceph login its key in Base64.",
    )


class MovingDefinition(Value):
    """A definition as it goes to another host; secrets are masked."""

    xml: str


TRIES = ("state", "disk-files", "host-name", "clocks", "reach", "data-port", "link", "locks", "way-back")
"""Checks that ask shells or the network between the hosts, or read pools, or what each move is asked before."""
ORDER = {"danger": 0, "warning": 1, "info": 2}


class MigrationChecks:
    """The checks before a move. `rules` are tried in order, each by its name."""

    def __init__(
        self, hosts: Hosts, rules: dict[str, Rule], devices: Devices, changing: Changing, forecasts: Forecasts
    ) -> None:
        self._hosts = hosts
        self._rules = rules
        self._devices = devices
        self._changing = changing
        self._forecasts = forecasts

    def options(self, host: str, uuid: str, request: MigrationRequest) -> MigrationOptions:
        """The form of a move. Hosts that are away, and wishes that clash, only leave rules out."""
        if self._hosts.get(host).domains.row(uuid) is None:
            raise Problem("not-found", f"There is no machine {uuid} on {host}.")
        ends = [each for each in self._hosts.all() if each.id in (host, request.destination)]
        return offered(request, versions(ends[0], ends[-1]))

    def definition(self, host: str, uuid: str) -> MovingDefinition:
        """What would go over, without what belongs to this host alone."""
        domains = self._hosts.get(host).domains
        row = domains.row(uuid)
        if row is None:
            raise Problem("not-found", f"There is no machine {uuid} on {host}.")
        return MovingDefinition(xml=canonical(domains.xml(uuid, live=row.active, secure=True, migratable=True)))

    def check(self, host: str, uuid: str, request: MigrationRequest, *, repaired: str | None = None) -> MigrationCheck:
        """All findings about a move, and the forecast where the machine runs; `repaired` tells what was just done."""
        situation = replace(self._situation(host, uuid, request), repaired=repaired is not None)
        findings = _findings(self._rules, situation)
        troubled = {rule for rule, _found in findings}
        well = [said for name, said in PASSED.items() if name in self._rules and name not in troubled]
        return MigrationCheck(
            possible=all(finding.severity != "danger" for _rule, finding in findings),
            findings=sorted((finding for _rule, finding in findings), key=lambda finding: ORDER[finding.severity]),
            checked=list(self._rules),
            passed=[said.words for said in well if said.looks(situation)],
            forecast=self._forecasts.make(situation),
            repaired=repaired,
        )

    def refuse(self, prepared: Prepared, there: list[DomainRow]) -> None:
        """Problem `migration-blocked` with what makes the move impossible, as far as it is known without a try.

        `there` are the destination's machines as last read. What was seen while it was prepared is not looked at again.
        """
        p = prepared
        situation = Situation(p.source, p.destination, p.row, p.machine, p.request, link_known=True, kept=there)
        seen = TRIES if p.request.storage == "shared" else (*TRIES, "disks")
        known = {name: rule for name, rule in self._rules.items() if name not in seen}
        found = _dangers(known, situation) and _dangers(known, replace(situation, kept=None))  # what is kept may lag
        if found:
            detail = " ".join(f"{each.title}: {each.fact}" for each in found)
            told = [each.model_dump(mode="json") for each in found]
            raise Problem("migration-blocked", detail, cure=found[0].cure, findings=told)

    def repair(self, host: str, uuid: str, asked: RepairRequest, user: User) -> Change[MigrationCheck]:
        """Carry out a repair that the check offers now; the check as it then is."""
        situation = self._situation(host, uuid, asked.move)
        seen = (finding for name, rule in self._rules.items() for finding in _tried(name, rule, situation))
        offers = (repair for finding in seen for repair in finding.repairs)
        offer = next((each for each in offers if (each.kind, each.about) == (asked.kind, asked.about)), None)
        if offer is None:
            raise Problem("wrong-state", "This repair is not needed any more.", cure="Look at the check again.")
        if asked.kind not in REPAIRS:
            raise Problem("unsupported", "This changes the wish for the move, nothing on a host.")
        if offer.needs:
            require(user, offer.needs)
        secret = asked.secret_value.get_secret_value() if asked.secret_value else None
        hands = Hands(self._devices, self._changing, self._forecasts, user, secret)
        change = REPAIRS[asked.kind](situation, asked.about, hands)

        def apply() -> MigrationCheck:
            done = change.apply()
            told = f"{offer.title}: {done}" if isinstance(done, str) else offer.title
            return self.check(host, uuid, asked.move, repaired=told)

        return Change(change.plan, apply)

    def _situation(self, host: str, uuid: str, request: MigrationRequest) -> Situation:
        source, destination = find_hosts(self._hosts, host, request)
        row = source.domains.row(uuid)
        if row is None:
            raise Problem("not-found", f"There is no machine {uuid} on {source.spec.name}.")
        machine = moved_machine(source.domains.xml(uuid, live=row.active))
        known = self._forecasts.knows_link(source.id, destination.id)
        return Situation(source, destination, row, machine, request, known)


def _dangers(rules: dict[str, Rule], situation: Situation) -> list[MigrationFinding]:
    return [finding for _rule, finding in _findings(rules, situation) if finding.severity == "danger"]


def _findings(rules: dict[str, Rule], situation: Situation) -> list[tuple[str, MigrationFinding]]:
    return [(name, finding) for name, rule in rules.items() for finding in _tried(name, rule, situation)]


def _tried(name: str, rule: Rule, situation: Situation) -> list[MigrationFinding]:
    try:
        return list(rule(situation))
    except Problem as problem:
        if problem.slug == "host-lost":
            raise
        unknown = MigrationFinding(
            id=name,
            severity="info",
            title="Could not be checked",
            fact=problem.detail,
            reason="One of the hosts does not tell.",
            cure=problem.cure,
        )
        return [unknown]
