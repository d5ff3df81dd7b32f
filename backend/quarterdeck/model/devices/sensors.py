"""Small devices that look after the guest: random numbers, TPM, watchdog, panic, vsock, smartcard."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from ..patterns import CERTIFICATE, DEVICE, HOST, PATH, TPM_PROFILE, UUID
from ..xml import Apply, At
from .base import Device, join
from .virtio import Virtio, virtio_at


class Rng(Device):
    """A source of random numbers, so that the guest does not wait for them."""

    tag: ClassVar[str] = "rng"
    noun: ClassVar[str] = "Random numbers"
    on_pci: ClassVar[bool] = True
    hot: ClassVar[bool] = True
    usual: ClassVar[dict[str, str]] = {"model": "virtio", "backend": "random", "source": "/dev/urandom"}
    offer: ClassVar[str] = "rng.backendModel"
    type: Literal["rng"] = "rng"
    model: Annotated[
        Literal["virtio", "virtio-transitional", "virtio-non-transitional"] | str | None, At("@model", advanced=True)
    ] = None
    backend: Annotated[
        Literal["random", "builtin", "egd"] | str | None,
        At(
            "backend/@model",
            offer="rng.backendModel",
            help="builtin is QEMU's own, random a device of the host, egd a daemon that gathers entropy",
        ),
    ] = None
    source: Annotated[
        str | None,
        At(
            "backend",
            when="backend=random",
            needed=True,
            pattern=DEVICE,
            help="Device of the host, for example /dev/urandom",
        ),
    ] = None
    connection: Annotated[
        Literal["tcp", "udp", "unix"] | str | None,
        At("backend/@type", when="backend=egd", needed=True, title="Reached by"),
    ] = None
    source_mode: Annotated[
        Literal["bind", "connect"] | str | None,
        At(
            "backend/source/@mode",
            title="Direction",
            when="backend=egd",
            advanced=True,
            help="connect calls the daemon, bind waits for it",
        ),
    ] = None
    source_host: Annotated[
        str | None,
        At("backend/source/@host", title="Address", when="connection=tcp,udp", needed=True, pattern=HOST),
    ] = None
    source_service: Annotated[
        int | None,
        At(
            "backend/source/@service",
            title="TCP or UDP port",
            when="connection=tcp,udp",
            needed=True,
            minimum=1,
            maximum=65535,
        ),
    ] = None
    source_path: Annotated[
        str | None,
        At("backend/source/@path", title="Socket", when="connection=unix", needed=True, pattern=PATH),
    ] = None
    rate_bytes: Annotated[
        int | None,
        At("rate/@bytes", title="Limit", advanced=True, minimum=1, help="At most so many bytes in each period"),
    ] = None
    rate_period_ms: Annotated[
        int | None, At("rate/@period", title="Period", advanced=True, minimum=1, when="rate_bytes")
    ] = None
    virtio: Annotated[Virtio, virtio_at("")] = Virtio()

    @property
    def title(self) -> str:
        """For example `Random numbers from /dev/urandom`."""
        return f"Random numbers from {self.source or self.source_path or self.backend or 'the host'}"


def _bank(name: str) -> At:
    return At(
        f"backend/active_pcr_banks/{name}",
        words="present",
        advanced=True,
        when="backend=emulator",
        since="7.10.0",
        title=f"PCR bank {name.upper()}",
    )


class Tpm(Device):
    """A trusted platform module, which Windows 11 asks for."""

    tag: ClassVar[str] = "tpm"
    noun: ClassVar[str] = "TPM"
    most: ClassVar[int | None] = 1
    usual: ClassVar[dict[str, str]] = {"model": "tpm-crb", "backend": "emulator", "version": "2.0"}
    offer: ClassVar[str] = "tpm.backendModel"
    type: Literal["tpm"] = "tpm"
    model: Annotated[Literal["tpm-crb", "tpm-tis", "tpm-spapr"] | str | None, At("@model", offer="tpm.model")] = None
    backend: Annotated[
        Literal["emulator", "passthrough"] | str | None,
        At("backend/@type", offer="tpm.backendModel", help="emulator is made by swtpm; passthrough is the host's own"),
    ] = None
    version: Annotated[
        Literal["1.2", "2.0"] | str | None, At("backend/@version", when="backend=emulator", help="TPM-CRB knows 2.0")
    ] = None
    device: Annotated[
        str | None,
        At("backend/device/@path", when="backend=passthrough", pattern=DEVICE, help="Device of the host"),
    ] = None
    persistent_state: Annotated[
        bool | None,
        At(
            "backend/@persistent_state",
            words="yesno",
            advanced=True,
            when="backend=emulator",
            since="7.0.0",
            help="Keeps its keys when the machine's definition is temporary",
        ),
    ] = None
    encryption_secret: Annotated[
        str | None,
        At(
            "backend/encryption/@secret",
            advanced=True,
            when="backend=emulator",
            since="5.6.0",
            pattern=UUID,
            title="Secret that encrypts its state",
            help="The UUID of a secret of libvirt",
        ),
    ] = None
    profile: Annotated[
        str | None,
        At(
            "backend/profile/@source",
            advanced=True,
            when="backend=emulator",
            since="10.10.0",
            pattern=TPM_PROFILE,
            help="What it can do, such as local:restricted; libvirt chooses the usual one",
        ),
    ] = None
    profile_removes: Annotated[
        Literal["check", "fips-host"] | str | None,
        At(
            "backend/profile/@removeDisabled",
            advanced=True,
            when="profile",
            since="10.10.0",
            title="What the host forbids goes",
            help="check asks the host's crypto library, fips-host takes away what FIPS forbids",
        ),
    ] = None
    sha1: Annotated[bool, _bank("sha1")] = False
    sha256: Annotated[bool, _bank("sha256")] = False
    sha384: Annotated[bool, _bank("sha384")] = False
    sha512: Annotated[bool, _bank("sha512")] = False

    @property
    def title(self) -> str:
        """For example `TPM 2.0 (emulator)`."""
        return join("TPM", self.version, f"({self.backend})" if self.backend else None)


BITES = {
    "reset": "It is reset",
    "shutdown": "Its guest is asked to shut down",
    "poweroff": "It is turned off",
    "pause": "It is paused",
    "dump": "Its memory is dumped",
    "inject-nmi": "Its guest gets an NMI",
    "none": "Nothing",
}


class Watchdog(Device):
    """Acts when the guest no longer reports to it."""

    tag: ClassVar[str] = "watchdog"
    noun: ClassVar[str] = "Watchdog"
    usual: ClassVar[dict[str, str]] = {"model": "i6300esb", "action": "reset"}
    type: Literal["watchdog"] = "watchdog"
    model: Annotated[
        Literal["i6300esb", "ib700", "itco", "diag288"] | str | None,
        At("@model", apply=Apply.NEVER, offer="watchdog.model", help="i6300esb works with most systems"),
    ] = None
    action: Annotated[
        Literal["reset", "shutdown", "poweroff", "pause", "dump", "inject-nmi", "none"] | str | None,
        At("@action", help="What happens to the machine then", means=BITES),
    ] = None

    @property
    def hot(self) -> bool:
        """The one on PCI is."""
        return self.model == "i6300esb"

    @property
    def title(self) -> str:
        """For example `Watchdog i6300esb: reset`."""
        return join("Watchdog", f"{self.model}:" if self.action else self.model, self.action)


class Panic(Device):
    """Tells the host when the guest's kernel panics."""

    tag: ClassVar[str] = "panic"
    noun: ClassVar[str] = "Panic notifier"
    usual: ClassVar[dict[str, str]] = {"model": "isa"}
    type: Literal["panic"] = "panic"
    model: Annotated[
        Literal["isa", "hyperv", "pvpanic", "pseries", "s390"] | str | None,
        At("@model", offer="panic.model", help="isa for Linux, hyperv for Windows"),
    ] = None

    @property
    def title(self) -> str:
        """For example `Panic notifier isa`."""
        return join("Panic notifier", self.model)


class Vsock(Device):
    """Sockets between host and guest without a network."""

    tag: ClassVar[str] = "vsock"
    noun: ClassVar[str] = "Vsock"
    on_pci: ClassVar[bool] = True
    hot: ClassVar[bool] = True
    most: ClassVar[int | None] = 1
    usual: ClassVar[dict[str, object]] = {"model": "virtio", "auto": True}
    type: Literal["vsock"] = "vsock"
    model: Annotated[
        Literal["virtio", "virtio-transitional", "virtio-non-transitional"] | str | None, At("@model", advanced=True)
    ] = None
    auto: Annotated[bool | None, At("cid/@auto", words="yesno", title="Choose the number")] = None
    cid: Annotated[
        int | None,
        At("cid/@address", title="Context id", minimum=3, maximum=(1 << 32) - 1, when="auto=no", help="3 or more"),
    ] = None
    virtio: Annotated[Virtio, virtio_at("model=virtio,virtio-transitional,virtio-non-transitional")] = Virtio()

    @property
    def title(self) -> str:
        """For example `Vsock 7`."""
        return join("Vsock", self.cid)


class Smartcard(Device):
    """A smartcard reader whose card the host, or the viewer, holds."""

    tag: ClassVar[str] = "smartcard"
    noun: ClassVar[str] = "Smartcard"
    most: ClassVar[int | None] = 1
    usual: ClassVar[dict[str, str]] = {"mode": "passthrough", "kind": "spicevmc"}
    type: Literal["smartcard"] = "smartcard"
    mode: Annotated[
        Literal["host", "host-certificates", "passthrough"] | str | None,
        At("@mode", apply=Apply.NEVER, help="passthrough takes the card of the SPICE viewer"),
    ] = None
    kind: Annotated[
        Literal["spicevmc", "tcp"] | str | None, At("@type", apply=Apply.NEVER, when="mode=passthrough")
    ] = None
    source_mode: Annotated[
        Literal["bind", "connect"] | str | None, At("source/@mode", when="kind=tcp", title="Direction")
    ] = None
    source_host: Annotated[str | None, At("source/@host", when="kind=tcp", needed=True, pattern=HOST, title="Host")] = (
        None
    )
    source_service: Annotated[
        int | None, At("source/@service", when="kind=tcp", needed=True, minimum=1, maximum=65535, title="Port")
    ] = None
    certificates: Annotated[
        tuple[str, ...],
        At("certificate", when="mode=host-certificates", pattern=CERTIFICATE, help="Names of three certificates"),
    ] = ()
    database: Annotated[
        str | None,
        At("database", when="mode=host-certificates", advanced=True, pattern=PATH, help="Folder of NSS"),
    ] = None

    @property
    def title(self) -> str:
        """For example `Smartcard passthrough`."""
        return join("Smartcard", self.mode)
