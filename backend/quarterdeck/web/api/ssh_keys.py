"""The library of SSH keys of who is logged in."""

from __future__ import annotations

from ...access import Permission, User
from ...model.ssh_key import MadeSshKey, SshKeyCreate, SshKeyMake, SshKeyView
from ...operations.accounts.ssh_keys import SshKeys
from ...plan import Change
from ..route import route


class SshKeyRoutes:
    """Public keys to be given to new machines; each account has its own."""

    def __init__(self, keys: SshKeys) -> None:
        self._keys = keys

    @route("GET", "/ssh-keys", needs=Permission.DOMAIN_CREATE)
    def all(self, user: User) -> list[SshKeyView]:
        """One's public keys by name."""
        return self._keys.list(user)

    @route("POST", "/ssh-keys", needs=Permission.DOMAIN_CREATE, status=201)
    def add(self, body: SshKeyCreate, user: User) -> Change[SshKeyView]:
        """Keep a public key under a name."""
        return self._keys.add(body, user)

    @route("POST", "/ssh-keys/made", needs=Permission.DOMAIN_CREATE, status=201)
    def make(self, body: SshKeyMake, user: User) -> Change[MadeSshKey]:
        """Make a pair: its public part is kept, the private one is in this answer only."""
        return self._keys.make(body, user)

    @route("DELETE", "/ssh-keys/<id>", needs=Permission.DOMAIN_CREATE, status=204)
    def delete(self, id: str, user: User) -> Change[None]:
        """Forget a key; machines that have it keep it."""
        return self._keys.delete(id, user)
