"""The secrets that libvirt keeps for one host's storage. Each method is one act of libvirt, by the secret's UUID."""

from __future__ import annotations

from ..model.secret import usage_of
from .parts import Connections


class Secrets:
    """Passwords that only libvirt itself reads again."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    def define(self, xml: str) -> None:
        """Make a secret, which has no value yet."""
        with self._host.connection() as conn:
            conn.secretDefineXML(xml, 0)

    def set_value(self, uuid: str, value: bytes) -> None:
        """Give it its value."""
        with self._host.connection() as conn:
            conn.secretLookupByUUIDString(uuid).setValue(value, 0)

    def usage(self, uuid: str) -> str | None:
        """What it is for; Problem `not-found` where there is none."""
        with self._host.connection() as conn:
            return usage_of(str(conn.secretLookupByUUIDString(uuid).XMLDesc(0)))

    def remove(self, uuid: str) -> None:
        """Forget it, with its value."""
        with self._host.connection() as conn:
            conn.secretLookupByUUIDString(uuid).undefine()
