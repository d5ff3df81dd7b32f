"""Roles of system accounts, from their Unix groups."""

from __future__ import annotations

import grp
import os
import pwd
import threading
import time
from collections.abc import Callable

from ..access import ROLE_PERMISSIONS, Permission, Role
from ..config import Config

FRESH_SECONDS = 60.0


class Roles:
    """Who may do what, read from the host's groups and kept for about a minute."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.monotonic) -> None:
        self._administrators = frozenset(config.administrator_groups)
        self._viewers = frozenset(config.viewer_groups)
        self._demo = config.demo
        self._clock = clock
        self._known: dict[str, tuple[float, Role | None]] = {}
        self._lock = threading.Lock()

    def of(self, name: str, *, fresh: bool = False) -> Role | None:
        """The role of an account; None when it has none, or there is no such account."""
        now = self._clock()
        with self._lock:
            at, role = self._known.get(name, (float("-inf"), None))
        if fresh or now - at > FRESH_SECONDS:
            role = self._read(name)
            with self._lock:
                self._known[name] = (now, role)
        return role

    def may_make(self, name: str) -> bool:
        """Whether an account may make machines; one that is gone may not."""
        role = self.of(name)
        return role is not None and Permission.DOMAIN_CREATE in ROLE_PERMISSIONS[role]

    def cure(self) -> str:
        """What an administrator can do for somebody without a role."""
        administrators, viewers = ", ".join(sorted(self._administrators)), ", ".join(sorted(self._viewers))
        return (
            f"An administrator of the host can add the account to one of the groups {administrators} (may do all) "
            f"or {viewers} (may look), for example: usermod -aG {sorted(self._administrators)[0]} NAME"
        )

    def _read(self, name: str) -> Role | None:
        if self._demo:
            return Role.ADMINISTRATOR if name == "demo" else None
        groups = groups_of(name)
        if groups is None:
            return None
        if name == "root" or groups & self._administrators:
            return Role.ADMINISTRATOR
        return Role.VIEWER if groups & self._viewers else None


def groups_of(name: str) -> frozenset[str] | None:
    """The names of all groups of an account; None when there is no such account."""
    try:
        account = pwd.getpwnam(name)
    except (KeyError, ValueError):
        return None
    found = set()
    for number in os.getgrouplist(name, account.pw_gid):
        try:
            found.add(grp.getgrgid(number).gr_name)
        except KeyError:  # a group without a name gives no role
            continue
    return frozenset(found)
