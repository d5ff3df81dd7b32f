"""The secrets that libvirt keeps for one host's storage. Each method is one act of libvirt, by the secret's UUID."""

from __future__ import annotations

import libvirt

from ..model.secret import usage_of
from ..problems import Problem
from .parts import Connections

USAGES = {
    "volume": libvirt.VIR_SECRET_USAGE_TYPE_VOLUME,
    "ceph": libvirt.VIR_SECRET_USAGE_TYPE_CEPH,
    "iscsi": libvirt.VIR_SECRET_USAGE_TYPE_ISCSI,
    "tls": libvirt.VIR_SECRET_USAGE_TYPE_TLS,
    "vtpm": libvirt.VIR_SECRET_USAGE_TYPE_VTPM,
}


class Secrets:
    """Passwords that only libvirt itself reads again."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    def define(self, xml: str) -> None:
        """Make a secret, which has no value yet."""
        with self._host.connection() as conn:
            conn.secretDefineXML(xml, 0)

    def find(self, uuid: str | None, kind: str, usage: str | None) -> str | None:
        """The UUID of the secret that a definition names so; None where there is none."""
        with self._host.connection() as conn:
            try:
                if uuid:
                    return str(conn.secretLookupByUUIDString(uuid).UUIDString())
                return str(conn.secretLookupByUsage(USAGES[kind], usage).UUIDString())
            except libvirt.libvirtError as error:
                if error.get_error_code() == libvirt.VIR_ERR_NO_SECRET:
                    return None
                raise

    def xml(self, uuid: str) -> str:
        """What it is, without its value."""
        with self._host.connection() as conn:
            return str(conn.secretLookupByUUIDString(uuid).XMLDesc(0))

    def value(self, uuid: str) -> bytes | None:
        """Its value; None where it has none. Problem `forbidden` where libvirt gives it to nobody, as it is private."""
        with self._host.connection() as conn:
            try:
                return bytes(conn.secretLookupByUUIDString(uuid).value(0))
            except libvirt.libvirtError as error:
                if error.get_error_code() == libvirt.VIR_ERR_NO_SECRET:
                    return None
                if error.get_error_code() == libvirt.VIR_ERR_INVALID_SECRET:
                    raise Problem("forbidden", "libvirt gives the value of this secret to nobody.") from error
                raise

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
