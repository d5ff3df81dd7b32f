"""The network filters of one host. Each method is one act of libvirt; a filter is named by its name or its UUID."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import libvirt

from .parts import Connections, is_uuid


class NwFilters:
    """All filters of a host; none where its libvirt has no such thing."""

    def __init__(self, host: Connections) -> None:
        self._host = host

    @contextlib.contextmanager
    def _filter(self, name: str) -> Iterator[libvirt.virNWFilter]:
        with self._host.connection() as conn:
            yield conn.nwfilterLookupByUUIDString(name) if is_uuid(name) else conn.nwfilterLookupByName(name)

    def all(self) -> list[tuple[str, str, str]]:
        """UUID, name and XML of each."""
        with self._host.connection() as conn:
            try:
                found = conn.listAllNWFilters(0)
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
                    raise
                return []
            return [(each.UUIDString(), each.name(), each.XMLDesc(0)) for each in found]

    def xml(self, name: str) -> str:
        """The definition of a filter."""
        with self._filter(name) as found:
            return str(found.XMLDesc(0))

    def define(self, xml: str) -> None:
        """Save a definition; running machines with this filter get it at once."""
        with self._host.connection() as conn:
            conn.nwfilterDefineXMLFlags(xml, libvirt.VIR_NWFILTER_DEFINE_VALIDATE)

    def undefine(self, name: str) -> None:
        """Remove a filter that nothing uses."""
        with self._filter(name) as found:
            found.undefine()
