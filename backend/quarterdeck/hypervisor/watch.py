"""What libvirt tells by itself: every event of a host as `News`.

The callbacks run in libvirt's loop thread, which serves all hosts: they only hand the news on, and whoever
takes them must only queue them. libvirt has no event for autostart, volumes, snapshots, network updates and
block resize; these are read again after own acts and by the slow sweep.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import libvirt

from .capabilities import PROBE_PREFIX

log = logging.getLogger(__name__)
NewsKind = Literal["domain", "network", "pool", "nodedev", "secret", "host"]

LIFECYCLE = (
    "defined", "undefined", "started", "suspended", "resumed", "stopped", "shutdown", "pmsuspended", "crashed",
)  # fmt: skip
STOPPED = ("shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from_snapshot")
NETWORK = ("defined", "undefined", "started", "stopped")
POOL = ("defined", "undefined", "started", "stopped", "created", "deleted")
NODEDEV = ("created", "deleted", "defined", "undefined")

# The names of what follows the domain in each callback of libvirt.
DOMAIN_EVENTS: dict[str, tuple[str, ...]] = {
    "REBOOT": (),
    "WATCHDOG": ("action",),
    "IO_ERROR_REASON": ("source", "device", "action", "reason"),
    "GRAPHICS": ("phase", "local", "remote", "scheme", "subject"),
    "DISK_CHANGE": ("old_source", "new_source", "device", "reason"),
    "TRAY_CHANGE": ("device", "reason"),
    "BALLOON_CHANGE": ("actual_kib",),
    "DEVICE_REMOVED": ("device",),
    "BLOCK_JOB_2": ("disk", "type", "status"),
    "TUNABLE": ("parameters",),
    "AGENT_LIFECYCLE": ("state", "reason"),
    "DEVICE_ADDED": ("device",),
    "MIGRATION_ITERATION": ("iteration",),
    "JOB_COMPLETED": ("statistics",),
    "DEVICE_REMOVAL_FAILED": ("device",),
    "METADATA_CHANGE": ("type", "namespace"),
    "BLOCK_THRESHOLD": ("device", "path", "threshold", "excess"),
    "MEMORY_FAILURE": ("recipient", "action", "flags"),
    "MEMORY_DEVICE_SIZE_CHANGE": ("device", "size"),
    "PMWAKEUP": ("reason",),
    "PMSUSPEND": ("reason",),
    "PMSUSPEND_DISK": ("reason",),
    "CONTROL_ERROR": (),
}


@dataclass(frozen=True)
class News:
    """Something happened on a host. `id` is the object's UUID, or its name for node devices, or empty for the host."""

    kind: NewsKind
    host: str
    id: str
    event: str
    detail: dict[str, Any] = field(default_factory=dict)


Publish = Callable[[News], None]


def _word(words: tuple[str, ...], number: int) -> str:
    return words[number] if 0 <= number < len(words) else str(number)


class Watch:
    """The event callbacks of one connection; they must be taken back before it is closed."""

    def __init__(self, host: str, publish: Publish) -> None:
        self._host = host
        self._publish = publish
        self._undo: list[Callable[[], Any]] = []

    def register(self, conn: libvirt.virConnect) -> None:
        """Ask for all news of this connection. What the driver does not know is left out."""
        domain = conn.domainEventRegisterAny, conn.domainEventDeregisterAny
        self._add(*domain, "DOMAIN_EVENT_ID_LIFECYCLE", self._domain_lifecycle)
        for event, names in DOMAIN_EVENTS.items():
            self._add(*domain, f"DOMAIN_EVENT_ID_{event}", partial(self._domain, event.lower(), names))
        network = conn.networkEventRegisterAny, conn.networkEventDeregisterAny
        pool = conn.storagePoolEventRegisterAny, conn.storagePoolEventDeregisterAny
        nodedev = conn.nodeDeviceEventRegisterAny, conn.nodeDeviceEventDeregisterAny
        secret = conn.secretEventRegisterAny, conn.secretEventDeregisterAny
        self._add(*network, "NETWORK_EVENT_ID_LIFECYCLE", partial(self._lifecycle, "network", NETWORK))
        self._add(*network, "NETWORK_EVENT_ID_METADATA_CHANGE", partial(self._other, "network", "metadata_change"))
        self._add(*pool, "STORAGE_POOL_EVENT_ID_LIFECYCLE", partial(self._lifecycle, "pool", POOL))
        self._add(*pool, "STORAGE_POOL_EVENT_ID_REFRESH", partial(self._other, "pool", "refresh"))
        self._add(*nodedev, "NODE_DEVICE_EVENT_ID_LIFECYCLE", partial(self._lifecycle, "nodedev", NODEDEV))
        self._add(*nodedev, "NODE_DEVICE_EVENT_ID_UPDATE", partial(self._other, "nodedev", "update"))
        self._add(*secret, "SECRET_EVENT_ID_LIFECYCLE", partial(self._lifecycle, "secret", NETWORK))
        self._add(*secret, "SECRET_EVENT_ID_VALUE_CHANGED", partial(self._other, "secret", "value_changed"))

    def _add(self, register: Callable[..., int], deregister: Callable[[int], Any], event: str, call: Any) -> None:
        number = getattr(libvirt, f"VIR_{event}", None)
        if number is None:
            return
        with contextlib.suppress(libvirt.libvirtError):
            self._undo.append(partial(deregister, register(None, number, call, None)))

    def deregister(self) -> None:
        """Take all callbacks back; on a broken connection too, or its socket would never be freed."""
        for undo in self._undo:
            with contextlib.suppress(libvirt.libvirtError):
                undo()
        self._undo.clear()

    def _domain_lifecycle(self, _conn: Any, domain: libvirt.virDomain, event: int, detail: int, _opaque: Any) -> None:
        if domain.name().startswith(PROBE_PREFIX):
            return
        word = _word(LIFECYCLE, event)
        reason = _word(STOPPED, detail) if word == "stopped" else ""
        self._tell("domain", domain.UUIDString(), word, {"detail": detail, "reason": reason, "name": domain.name()})

    def _domain(self, event: str, names: tuple[str, ...], _conn: Any, domain: libvirt.virDomain, *rest: Any) -> None:
        if domain.name().startswith(PROBE_PREFIX):
            return
        self._tell("domain", domain.UUIDString(), event, dict(zip(names, rest, strict=False)))

    def _lifecycle(self, kind: NewsKind, words: tuple[str, ...], _conn: Any, item: Any, event: int, *_: Any) -> None:
        self._tell(kind, _identity(kind, item), _word(words, event), {"name": item.name() if kind != "secret" else ""})

    def _other(self, kind: NewsKind, event: str, _conn: Any, item: Any, *_: Any) -> None:
        self._tell(kind, _identity(kind, item), event, {})

    def _tell(self, kind: NewsKind, identity: str, event: str, detail: dict[str, Any]) -> None:
        self._publish(News(kind, self._host, identity, event, detail))


def _identity(kind: NewsKind, item: Any) -> str:
    name: str = item.name() if kind == "nodedev" else item.UUIDString()
    return name
