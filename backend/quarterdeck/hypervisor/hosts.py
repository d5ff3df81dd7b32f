"""All hosts of the service."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from ..problems import FieldError, Problem
from .host import Host
from .spec import LOCAL_ID, HostSpec, Reach, host_id, libvirt_uri
from .watch import News, Publish

__all__ = ["Host", "HostSpec", "Hosts", "News", "Reach"]


class Hosts:
    """The local host and those that were added. `on_change` gets all news of all hosts and must only queue them."""

    def __init__(
        self, specs: Iterable[HostSpec], local_uri: str, on_change: Publish, *, reach: Reach | None = None
    ) -> None:
        self._reach = reach or Reach()
        self._publish = on_change
        self._lock = threading.Lock()
        self._started = False
        local = Host(LOCAL_ID, HostSpec(LOCAL_ID), local_uri, on_change, self._reach)
        self._hosts: dict[str, Host] = {LOCAL_ID: local}
        for spec in specs:
            self._put(spec)

    def start(self) -> None:
        """Begin to connect all hosts, in the background."""
        self._started = True
        for host in self.all():
            host.start()

    def get(self, identity: str) -> Host:
        """One host; Problem `not-found`."""
        with self._lock:
            host = self._hosts.get(identity)
        if host is None:
            raise Problem("not-found", f"There is no host “{identity}” here.", cure="Add it first.")
        return host

    def all(self) -> list[Host]:
        """All hosts, the local one first."""
        with self._lock:
            return list(self._hosts.values())

    def uri(self, spec: HostSpec) -> str:
        """The libvirt address of a host named so; Problem where something is wrong with it. Touches nothing."""
        return libvirt_uri(spec, self._reach)

    def check(self, spec: HostSpec) -> str:
        """The libvirt address that a new host would get; Problem where something is wrong with it. Touches nothing."""
        uri = self.uri(spec)
        with self._lock:
            if host_id(spec.name) in self._hosts:
                taken = FieldError("/name", f"There is a host “{host_id(spec.name)}” already.")
                raise Problem("name-taken", taken.detail, errors=[taken])
        return uri

    def add(self, spec: HostSpec) -> Host:
        """Add a host and begin to connect it."""
        host = self._put(spec)
        if self._started:
            host.start()
        self._publish(News("host", host.id, "", "added"))
        return host

    def readdress(self, identity: str) -> None:
        """Reach a host by the keys that are there now, at the next try."""
        host = self.get(identity)
        if host.spec.transport != "local":
            host.uri = self.uri(host.spec)

    def move(self, identity: str, spec: HostSpec) -> None:
        """Reach a host in another way from now on."""
        self.get(identity).reach_by(spec, self.uri(spec))
        self._publish(News("host", identity, "", "changed"))

    def _put(self, spec: HostSpec) -> Host:
        uri = self.check(spec)
        host = Host(host_id(spec.name), spec, uri, self._publish, self._reach)
        with self._lock:
            self._hosts[host.id] = host
        return host

    def remove(self, identity: str) -> None:
        """Forget a host. Its machines run on. The local one stays."""
        if identity == LOCAL_ID:
            raise Problem("in-use", "The local host always stays.")
        host = self.get(identity)
        with self._lock:
            self._hosts.pop(identity, None)
        host.close()
        self._publish(News("host", identity, "", "removed"))

    def close(self) -> None:
        """Close every connection."""
        for host in self.all():
            host.close()
