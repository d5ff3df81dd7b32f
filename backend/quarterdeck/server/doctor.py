"""`quarterdeck doctor`: what this host lacks for the service to work well, each with its cure."""

from __future__ import annotations

import grp
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from ..config import Config
from ..hypervisor.hosts import Host, Hosts
from ..hypervisor.watch import News
from ..operations.hosts.hosts import reach
from ..osinfo.database import Database
from . import accounts, certificate, supervise

HOST_SECONDS = 15
PROGRAMS = {
    "qemu-img": "converts and imports disks: apt install qemu-utils",
    "ssh": "reaches other hosts: apt install openssh-client",
    "swtpm": "gives machines a TPM, which Windows 11 asks for: apt install swtpm",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and the cure when it is not good."""

    what: str
    words: str
    cure: str | None = None

    @property
    def good(self) -> bool:
        """Whether nothing needs to be done."""
        return self.cure is None


def findings(settings: Config) -> Iterator[Finding]:
    """All that is looked at, one by one. Changes nothing."""
    yield from _host(settings)
    yield _people(settings)
    yield from _programs()
    yield _systems()
    yield _certificate(settings)
    yield _service(settings)


def _host(settings: Config) -> Iterator[Finding]:
    answered = threading.Event()

    def hear(news: News) -> None:
        if news.kind == "host":
            answered.set()

    hosts = Hosts([], settings.local_uri, hear, reach=reach(settings))
    host = hosts.get("local")
    host.start()
    try:
        answered.wait(HOST_SECONDS)
        if host.state == "connected":
            facts = host.facts
            yield Finding("libvirt", f"{facts.libvirt_version} with QEMU {facts.hypervisor_version or 'unknown'}")
            yield _kvm(host)
            yield _pools(host)
            yield _networks(host)
        else:
            problem = host.problem
            cure = (problem and problem.cure) or f"Try: virsh -c {settings.local_uri} list"
            yield Finding("libvirt", problem.detail if problem else "It does not answer.", cure)
    finally:
        hosts.close()


def _kvm(host: Host) -> Finding:
    if host.is_test or "kvm" in host.capabilities.accelerators():
        return Finding("KVM", "Machines run at the speed of the hardware.")
    cure = (
        "Switch virtualisation on in the firmware of this computer; where this is a machine itself, nested "
        "virtualisation on its host."
    )
    return Finding("KVM", "KVM does not work here, so QEMU emulates the processor: machines run slowly.", cure)


def _pools(host: Host) -> Finding:
    active = [row.name for row in host.pools.rows() if row.state == "running"]
    if active:
        return Finding("storage", f"Pools that are on: {', '.join(active)}")
    cure = "Make one in the page, under Storage; `make run` and the package make one named default."
    return Finding("storage", "No pool is on, so new machines have no place for a disk.", cure)


def _networks(host: Host) -> Finding:
    active = [row.name for row in host.networks.rows() if row.active]
    if active:
        return Finding("networks", f"Networks that are on: {', '.join(active)}")
    return Finding("networks", "No network is on.", "Start one: virsh net-start default, or make one in the page.")


def _people(settings: Config) -> Finding:
    members = {name for group in settings.administrator_groups for name in _members(group)} - {"root"}
    if members or settings.allow_root or settings.demo:
        return Finding("people", f"Administrators: {', '.join(sorted(members)) or 'root'}")
    cure = f"usermod -aG {settings.administrator_groups[0]} NAME"
    return Finding("people", "No account is in a group of administrators, so nobody can log in.", cure)


def _members(group: str) -> list[str]:
    try:
        return grp.getgrnam(group).gr_mem
    except KeyError:
        return []


def _programs() -> Iterator[Finding]:
    for name, use in PROGRAMS.items():
        found = shutil.which(name)
        yield Finding(name, found or "is not installed.", None if found else f"It {use}")


def _systems() -> Finding:
    count = len(Database().systems())
    if count:
        return Finding("systems", f"{count} operating systems are known.")
    return Finding("systems", "The OS database is not installed: media are not recognised.", "apt install osinfo-db")


def _certificate(settings: Config) -> Finding:
    pair = certificate.chosen(settings.certificate_dir) if settings.tls else None
    if not settings.tls:
        return Finding("certificate", "Your own proxy has it.")
    if pair is None:
        return Finding("certificate", "There is none yet; the first start makes one.")
    ends = certificate.ends(pair.certificate)
    if ends is None or ends < datetime.now(UTC):
        return Finding("certificate", f"{pair.certificate} is not good any more.", "Renew it: quarterdeck certificate")
    return Finding("certificate", f"{pair.certificate} is good until {ends:%Y-%m-%d}.")


def _service(settings: Config) -> Finding:
    if supervise.answers(settings.web_socket):
        return Finding("service", "It answers.")
    cure = "Start it: systemctl start quarterdeck.target, or quarterdeck serve."
    return Finding("service", f"It does not answer on {settings.web_socket}.", cure)


def examine(settings: Config) -> int:
    """Print all findings; the exit status, 1 when there is something to cure."""
    worst = 0
    for found in findings(accounts.personal(settings)):
        mark = click.style("good", fg="green") if found.good else click.style("look", fg="yellow", bold=True)
        click.echo(f"{mark}  {found.what:12} {found.words}")
        if found.cure:
            click.echo(f"{'':18} {found.cure}")
            worst = 1
    return worst
