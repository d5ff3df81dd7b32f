"""Hosts: the local one, and those added."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...model.host import Host, HostAdd, HostKeys, HostPatch, HostTrust, HostTrusted, SshAddress
from ...model.locking import Locking, LockingWish, Twin
from ...operations.hosts.hosts import HostDirectory
from ...operations.hosts.locking import HostLocking
from ...operations.hosts.trust import Trust
from ...operations.hosts.twins import Twins
from ...plan import Change
from ..route import route


class HostRoutes:
    """Hosts that Quarterdeck is connected to."""

    def __init__(self, directory: HostDirectory, trust: Trust, locking: HostLocking, twins: Twins) -> None:
        self._directory = directory
        self._trust = trust
        self._locking = locking
        self._twins = twins

    @route("GET", "/hosts", needs=Permission.HOST_VIEW)
    def all(self, user: User) -> list[Host]:
        """All hosts, the local one first."""
        return self._directory.all(user.role)

    @route("GET", "/hosts/<host>", needs=Permission.HOST_VIEW)
    def one(self, host: str, user: User) -> Host:
        """One host."""
        return self._directory.get(host, user.role)

    @route("GET", "/hosts/<host>/locking", needs=Permission.HOST_VIEW)
    def locking(self, host: str) -> Locking:
        """What keeps the host from starting a machine twice."""
        return self._locking.of(host)

    @route("GET", "/hosts/<host>/twins", needs=Permission.DOMAIN_VIEW)
    def twins(self, host: str) -> list[Twin]:
        """The machines of the host that are defined on another one too."""
        return self._twins.of(host)

    @route("DELETE", "/hosts/<host>/twins/<uuid:uuid>", needs=Permission.DOMAIN_DELETE)
    def clear(self, host: str, uuid: UUID) -> Change[None]:
        """Remove the definition that is off on this host of a machine that another host has; its disks stay."""
        return self._twins.clear(host, str(uuid))

    @route("POST", "/hosts/<host>/locking", needs=Permission.HOST_EDIT, act="host protect")
    def change_locking(self, host: str, body: LockingWish) -> Change[Locking]:
        """Give the host another protection from starting a machine twice, where this server may act as root there."""
        return self._locking.change(host, body)

    @route("POST", "/hosts", needs=Permission.HOST_EDIT, status=201)
    def add(self, body: HostAdd, user: User) -> Change[Host]:
        """Connect to another host by SSH or TLS; it is remembered."""
        return self._directory.add(body, user.role)

    @route("POST", "/hosts/keys", needs=Permission.HOST_EDIT, logged=False)
    def keys(self, body: SshAddress) -> HostKeys:
        """The keys that an SSH server shows, and this server's own; trusts nothing yet."""
        return self._trust.keys(body)

    @route("POST", "/hosts/trust", needs=Permission.HOST_EDIT)
    def trust(self, body: HostTrust) -> Change[HostTrusted]:
        """Pin a host's key, and install this server's public key there by a password that is used once."""
        return self._trust.set_up(body)

    @route("PATCH", "/hosts/<host>", needs=Permission.HOST_EDIT, if_match=True)
    def edit(self, host: str, body: HostPatch, if_match: str, user: User) -> Change[Host]:
        """Reach a host by another address, account or transport; it is connected anew."""
        return self._directory.edit(host, body, if_match, user.role)

    @route("POST", "/hosts/<host>/retry", needs=Permission.HOST_EDIT)
    def retry(self, host: str, user: User) -> Change[Host]:
        """Try to connect now."""
        return self._directory.retry(host, user.role)

    @route("DELETE", "/hosts/<host>", needs=Permission.HOST_EDIT)
    def remove(self, host: str) -> Change[None]:
        """Forget a host. Its machines run on."""
        return self._directory.remove(host)
