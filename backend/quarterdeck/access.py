"""Who may do what: permissions, roles, and the one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .problems import Problem


class Permission(StrEnum):
    """What a route, a room or a console asks for."""

    SESSION = "session"
    HOST_VIEW = "host:view"
    HOST_EDIT = "host:edit"
    DOMAIN_VIEW = "domain:view"
    DOMAIN_OPERATE = "domain:operate"
    DOMAIN_EDIT = "domain:edit"
    DOMAIN_CREATE = "domain:create"
    DOMAIN_DELETE = "domain:delete"
    DOMAIN_MIGRATE = "domain:migrate"
    CONSOLE_VIEW = "console:view"
    CONSOLE_USE = "console:use"
    STORAGE_VIEW = "storage:view"
    STORAGE_EDIT = "storage:edit"
    NETWORK_VIEW = "network:view"
    NETWORK_EDIT = "network:edit"
    JOB_VIEW = "job:view"
    JOB_EDIT = "job:edit"
    AUDIT_VIEW = "audit:view"
    TOKEN_EDIT = "token:edit"  # noqa: S105 - a permission, not a secret


class Role(StrEnum):
    """What the groups of a system account make of its owner."""

    ADMINISTRATOR = "administrator"
    VIEWER = "viewer"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.VIEWER: frozenset(
        {
            Permission.SESSION,
            Permission.HOST_VIEW,
            Permission.DOMAIN_VIEW,
            Permission.CONSOLE_VIEW,
            Permission.STORAGE_VIEW,
            Permission.NETWORK_VIEW,
            Permission.JOB_VIEW,
        }
    ),
}


ACTS: dict[Permission, str] = {
    Permission.HOST_EDIT: "change hosts",
    Permission.DOMAIN_OPERATE: "start, pause or stop machines",
    Permission.DOMAIN_EDIT: "change machines",
    Permission.DOMAIN_CREATE: "make machines",
    Permission.DOMAIN_DELETE: "delete machines",
    Permission.DOMAIN_MIGRATE: "move machines",
    Permission.CONSOLE_USE: "type into consoles",
    Permission.STORAGE_EDIT: "change storage",
    Permission.NETWORK_EDIT: "change networks",
    Permission.JOB_EDIT: "cancel or change jobs",
    Permission.AUDIT_VIEW: "read who did what",
    Permission.TOKEN_EDIT: "make API tokens",
}
"""What a role without the permission is told that it cannot do."""


@dataclass(frozen=True)
class User:
    """Somebody who is logged in, or the owner of an API token."""

    name: str
    role: Role
    session: str = ""
    address: str = ""

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that this user may do."""
        return ROLE_PERMISSIONS[self.role]

    def may(self, permission: Permission) -> bool:
        """Whether this user has the permission."""
        return permission in self.permissions


def refusal(role: Role, permission: Permission) -> str | None:
    """Why a role may not use a permission, in words; None when it may."""
    if permission in ROLE_PERMISSIONS[role]:
        return None
    return f"Your role “{role}” may look, but not {ACTS.get(permission, permission)}. Ask an administrator of the host."


def require(user: User, permission: Permission) -> None:
    """Raise `forbidden` unless the user has the permission."""
    reason = refusal(user.role, permission)
    if reason:
        raise Problem("forbidden", reason, permission=str(permission))
