"""Small devices that look after the guest: random numbers, TPM, watchdog, balloon, panic, vsock."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..xml import Apply, At
from .base import Device, join


class Rng(Device):
    """A source of random numbers."""

    tag: ClassVar[str] = "rng"
    type: Literal["rng"] = "rng"
    model: Annotated[str | None, At("@model")] = None
    backend: Annotated[Literal["random", "builtin", "egd"] | str | None, At("backend/@model")] = None
    source: Annotated[str | None, At("backend", help="Device of the host, for example /dev/urandom")] = None
    rate_bytes: Annotated[int | None, At("rate/@bytes", help="At most so many bytes in each period")] = None
    rate_period_ms: Annotated[int | None, At("rate/@period")] = None

    @property
    def title(self) -> str:
        """For example `Random numbers from /dev/urandom`."""
        return f"Random numbers from {self.source or self.backend or 'the host'}"


class Tpm(Device):
    """A trusted platform module."""

    tag: ClassVar[str] = "tpm"
    type: Literal["tpm"] = "tpm"
    model: Annotated[Literal["tpm-crb", "tpm-tis", "tpm-spapr"] | str | None, At("@model")] = None
    backend: Annotated[Literal["emulator", "passthrough", "external"] | str | None, At("backend/@type")] = None
    version: Annotated[Literal["1.2", "2.0"] | str | None, At("backend/@version")] = None
    device: Annotated[str | None, At("backend/device/@path", help="Device of the host (passthrough)")] = None

    @property
    def title(self) -> str:
        """For example `TPM 2.0 (emulator)`."""
        return join("TPM", self.version, f"({self.backend})" if self.backend else None)


class Watchdog(Device):
    """A watchdog: acts when the guest no longer reports to it."""

    tag: ClassVar[str] = "watchdog"
    type: Literal["watchdog"] = "watchdog"
    model: Annotated[Literal["i6300esb", "ib700", "itco", "diag288"] | str | None, At("@model")] = None
    action: Annotated[
        Literal["reset", "shutdown", "poweroff", "pause", "dump", "inject-nmi", "none"] | str | None, At("@action")
    ] = None

    @property
    def title(self) -> str:
        """For example `Watchdog i6300esb: reset`."""
        return join("Watchdog", f"{self.model}:" if self.action else self.model, self.action)


class MemBalloon(Device):
    """The balloon by which the host takes memory back from the guest."""

    tag: ClassVar[str] = "memballoon"
    type: Literal["memballoon"] = "memballoon"
    model: Annotated[str | None, At("@model")] = None
    free_page_reporting: Annotated[bool | None, At("@freePageReporting", words="onoff")] = None
    autodeflate: Annotated[bool | None, At("@autodeflate", words="onoff")] = None
    stats_period_s: Annotated[int | None, At("stats/@period", apply=Apply.LIVE)] = None

    @property
    def title(self) -> str:
        """For example `Memory balloon virtio`."""
        return join("Memory balloon", self.model)


class Panic(Device):
    """Tells the host when the guest's kernel panics."""

    tag: ClassVar[str] = "panic"
    type: Literal["panic"] = "panic"
    model: Annotated[Literal["isa", "pseries", "hyperv", "s390", "pvpanic"] | str | None, At("@model")] = None

    @property
    def title(self) -> str:
        """For example `Panic notifier isa`."""
        return join("Panic notifier", self.model)


class Vsock(Device):
    """Sockets between host and guest without a network."""

    tag: ClassVar[str] = "vsock"
    type: Literal["vsock"] = "vsock"
    model: Annotated[str | None, At("@model")] = None
    auto: Annotated[bool | None, At("cid/@auto", words="yesno", title="Choose the number")] = None
    cid: Annotated[int | None, At("cid/@address", title="Context id", help="3 or more")] = None

    @property
    def title(self) -> str:
        """For example `Vsock 7`."""
        return join("Vsock", self.cid)
