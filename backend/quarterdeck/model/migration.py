"""A move to another host as a person asks for it: each option once, with how it reaches libvirt and what it is called.

The page's form, the API, libvirt's flags and parameters, and virsh's words all come from these lines. Flags are
those of virDomainMigrateFlags without VIR_MIGRATE_, parameters those of virDomainMigrateToURI3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator
from pydantic.fields import FieldInfo

from .create import DomainName, Strict
from .patterns import ADDRESS
from .strict import Value
from .xml import XmlText

Mode = Literal["live", "offline", "paused"]
Storage = Literal["shared", "copy", "incremental"]
Method = Literal["xbzrle", "mt", "zlib", "zstd"]
Group = Literal["pace", "way", "compression", "disks", "ending"]
Address = Annotated[str, Field(max_length=253, pattern=ADDRESS)]
Percent = Annotated[int, Field(ge=1, le=99)]
MibPerSecond = Annotated[int, Field(ge=1, le=1_000_000)]


@dataclass(frozen=True)
class Option:
    """How an option reaches libvirt, and where the form shows it.

    `scale` and `scheme` turn its value into libvirt's. What is not `offered` is no choice of whoever begins a move.
    """

    group: Group
    flag: str | None = None
    parameter: str | None = None
    virsh: str | None = None
    scale: int = 1
    scheme: str = ""
    unit: str = ""
    danger: bool = False
    offered: bool = True

    def sent(self, value: Any) -> Any:
        """The value as libvirt takes it."""
        if self.scheme:
            address = f"[{value}]" if ":" in value and not value.startswith("[") else value
            return f"{self.scheme}://{address}"
        return value * self.scale if isinstance(value, int) and self.scale != 1 else value


class DiskWish(Strict):
    """What becomes of one disk: `shared` leaves it where both hosts see it, `copy` takes it along, into `pool`."""

    target: XmlText = Field(min_length=1, max_length=64)
    storage: Literal["shared", "copy"] = "copy"
    pool: XmlText | None = Field(None, min_length=1)


class NetworkWish(Strict):
    """Where interfaces of one network or bridge (`source`) are plugged in at the destination."""

    source: XmlText = Field(min_length=1)
    network: XmlText | None = Field(None, min_length=1)
    bridge: XmlText | None = Field(None, min_length=1, max_length=15)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.network is None) == (self.bridge is None):
            raise ValueError("Name a network or a bridge of the destination.")
        return self


class MigrationRequest(Strict):
    """A move to another host.

    `live` keeps the machine running, `paused` stops its CPUs while it moves, `offline` moves only the definition, and
    of a machine that is off the disks too where `storage` is `copy`.
    `copy` takes the disks along, `incremental` only what lies above a base image that the destination has too;
    `disks` says otherwise for some of them. `pool` is the destination's pool for copied disks; without it they keep
    their folder. `xml` is a changed definition for the destination, with secrets masked as they were read.
    """

    destination: str = Field(min_length=1, title="Destination")
    mode: Mode = "live"
    storage: Storage = "shared"
    pool: XmlText | None = Field(None, min_length=1)
    disks: list[DiskWish] = Field([], max_length=64)
    networks: list[NetworkWish] = Field([], max_length=64)
    xml: str | None = Field(None, max_length=1 << 20)

    bandwidth_mib_s: Annotated[
        MibPerSecond | None, Option("pace", parameter="bandwidth", virsh="--bandwidth", unit="MiB/s")
    ] = Field(None, title="Bandwidth limit", description="Empty for no limit. It can change while it runs.")
    max_downtime_ms: Annotated[int | None, Option("pace", unit="ms")] = Field(
        None, ge=1, le=2_000_000, title="Longest pause", description="At the end it stands still for so long at most."
    )
    auto_converge: Annotated[bool, Option("pace", flag="AUTO_CONVERGE", virsh="--auto-converge")] = Field(
        False,
        title="Slow the guest down if it must be",
        description="Auto-converge: its CPUs are held back until memory is sent faster than it changes.",
    )
    auto_converge_initial: Annotated[
        Percent | None,
        Option("pace", parameter="auto_converge.initial", virsh="--auto-converge-initial", unit="%"),
    ] = Field(None, title="Held back at first by", description="20 % where nothing is said.")
    auto_converge_increment: Annotated[
        Percent | None,
        Option("pace", parameter="auto_converge.increment", virsh="--auto-converge-increment", unit="%"),
    ] = Field(None, title="Held back more each time by", description="10 % where nothing is said.")
    post_copy: Annotated[bool, Option("pace", flag="POSTCOPY", virsh="--postcopy", danger=True)] = Field(
        False,
        title="Allow post-copy",
        description="You may then let it run at the destination before all memory is there: it always comes to an "
        "end. If the network breaks after that switch, it stands still until that is mended; if one of the hosts "
        "ends, it is lost as after a power cut.",
    )
    post_copy_bandwidth_mib_s: Annotated[
        MibPerSecond | None,
        Option("pace", parameter="bandwidth.postcopy", virsh="--postcopy-bandwidth", unit="MiB/s"),
    ] = Field(None, title="Bandwidth limit after the switch", description="Pages that the guest waits for have none.")

    resume_post_copy: Annotated[
        bool, Option("pace", flag="POSTCOPY_RESUME", virsh="--postcopy-resume", offered=False)
    ] = Field(
        False,
        title="Go on with a move that broke",
        description="Its memory is half on each host since the network broke after the switch to post-copy: the rest "
        "is sent now. All else has to be asked for as it was when the move began.",
    )

    parallel: Annotated[
        int | None, Option("way", "PARALLEL", "parallel.connections", "--parallel --parallel-connections")
    ] = Field(
        None,
        ge=1,
        le=255,
        title="Parallel connections",
        description="For networks of more than 10 Gbit/s: one CPU cannot fill them.",
    )
    zero_copy: Annotated[bool, Option("way", flag="ZEROCOPY", virsh="--zerocopy")] = Field(
        False,
        title="Send without copying in memory",
        description="Less CPU on the source; the machine's memory must be lockable there.",
    )
    tls: Annotated[bool, Option("way", flag="TLS", virsh="--tls")] = Field(
        False, title="Encrypt the transfer (TLS)", description="Needs certificates for QEMU on both hosts."
    )
    tls_name: Annotated[Address | None, Option("way", parameter="tls.destination", virsh="--tls-destination")] = Field(
        None, title="Name in the destination's certificate", description="Where it differs from its address."
    )
    tunnelled: Annotated[bool, Option("way", flag="TUNNELLED", virsh="--tunnelled")] = Field(
        False,
        title="Through libvirt's own connection",
        description="Tunnelled: no port to open, encrypted by that connection, slower.",
    )
    transfer_address: Annotated[Address | None, Option("way")] = Field(
        None,
        title="Address for the transfer",
        description="Of the destination, where a network of its own is to carry it.",
    )
    listen_address: Annotated[Address | None, Option("way", parameter="listen_address", virsh="--listen-address")] = (
        Field(
            None,
            title="Address that the destination listens at",
            description="All of its addresses if nothing is said.",
        )
    )
    graphics_address: Annotated[Address | None, Option("way")] = Field(
        None,
        title="Address for screens",
        description="Where SPICE viewers are sent to; the console in this page finds its way by itself.",
    )

    compressed: Annotated[bool, Option("compression", flag="COMPRESSED", virsh="--compressed")] = Field(
        False, title="Compress", description="Less network, more CPU."
    )
    compression_method: Annotated[
        Method | None, Option("compression", parameter="compression", virsh="--comp-methods")
    ] = Field(
        None,
        title="Method",
        description="xbzrle sends only what changed in a page; mt, zlib and zstd compress pages.",
    )
    compression_level: Annotated[
        int | None, Option("compression", parameter="compression.mt.level", virsh="--comp-mt-level")
    ] = Field(None, ge=0, le=9, title="Level", description="From 0, none, to 9, the most.")
    compression_threads: Annotated[
        int | None, Option("compression", parameter="compression.mt.threads", virsh="--comp-mt-threads")
    ] = Field(None, ge=1, le=255, title="Threads that compress")
    decompression_threads: Annotated[
        int | None, Option("compression", parameter="compression.mt.dthreads", virsh="--comp-mt-dthreads")
    ] = Field(None, ge=1, le=255, title="Threads that unpack")
    compression_cache_mib: Annotated[
        int | None,
        Option(
            "compression",
            parameter="compression.xbzrle.cache",
            virsh="--comp-xbzrle-cache",
            scale=1 << 20,
            unit="MiB",
        ),
    ] = Field(None, ge=1, le=1 << 20, title="Memory for old pages", description="64 MiB where nothing is said.")

    synchronous_writes: Annotated[
        bool, Option("disks", flag="NON_SHARED_SYNCHRONOUS_WRITES", virsh="--copy-storage-synchronous-writes")
    ] = Field(
        False,
        title="Write to both copies at once",
        description="The copy of a disk that is written much comes to an end; its writes are slower meanwhile.",
    )
    disks_address: Annotated[
        Address | None, Option("disks", parameter="disks_uri", virsh="--disks-uri", scheme="tcp")
    ] = Field(None, title="Address for the disks", description="Of the destination, where they go another way.")
    unsafe: Annotated[bool, Option("disks", flag="UNSAFE", virsh="--unsafe", danger=True)] = Field(
        False,
        title="Skip the check of the disks",
        description="Only if you know that the disks are shared and their cache is safe: otherwise data are lost.",
    )

    persistent: Annotated[bool, Option("ending", flag="PERSIST_DEST", virsh="--persistent")] = Field(
        True, title="Keep it at the destination", description="Otherwise libvirt there forgets it when it stops."
    )
    undefine_source: Annotated[bool, Option("ending", flag="UNDEFINE_SOURCE", virsh="--undefinesource")] = Field(
        False,
        title="Remove its definition here",
        description="Two definitions of one machine may be started both, on the same disks.",
    )
    carry_snapshots: Annotated[bool, Option("ending")] = Field(
        False,
        title="Take its snapshots along",
        description="The destination knows them then, and this host no more.",
    )
    leave_paused: Annotated[bool, Option("ending", flag="PAUSED", virsh="--suspend")] = Field(
        False, title="Leave it paused there", description="To look at it before it goes on."
    )
    abort_on_error: Annotated[bool, Option("ending", flag="ABORT_ON_ERROR", virsh="--abort-on-error")] = Field(
        True,
        title="Give up at a disk error",
        description="It runs on here if its disk reports an error on the way.",
    )
    start: Annotated[bool, Option("ending")] = Field(
        False, title="Start it there", description="After its definition has moved."
    )
    rename: Annotated[DomainName | None, Option("ending", parameter="destination_name", virsh="--dname")] = Field(
        None, title="New name there"
    )

    @property
    def takes_disks_off(self) -> bool:
        """Whether a machine that is off goes with its disks, which libvirt has no call for."""
        return self.mode == "offline" and self.storage == "copy"

    def disk(self, target: str) -> DiskWish | None:
        """What is wished for one disk."""
        return next((wish for wish in self.disks if wish.target == target), None)


def options() -> Iterator[tuple[str, FieldInfo, Option]]:
    """Every option: its name, its field, and how it reaches libvirt."""
    for name, info in MigrationRequest.model_fields.items():
        option = next((each for each in info.metadata if isinstance(each, Option)), None)
        if option is not None:
            yield name, info, option


def is_set(request: MigrationRequest, name: str) -> bool:
    """Whether a field says something else than it would by itself."""
    return bool(getattr(request, name) != MigrationRequest.model_fields[name].default)


class MigrationOption(Value):
    """One option as the form shows it. `values` are those of a choice; `blocked` says why it cannot be set now."""

    name: str
    group: Group
    kind: Literal["switch", "number", "choice", "text"]
    title: str
    description: str
    unit: str
    danger: bool
    default: bool | int | str | None
    values: list[str] = []
    blocked: str | None = None


def shown(name: str, info: FieldInfo, option: Option, blocked: str | None) -> MigrationOption:
    """An option for the form."""
    kinds = [kind for kind in get_args(info.annotation) if kind is not type(None)] or [info.annotation]
    values = [str(value) for kind in kinds for value in get_args(kind) if isinstance(value, str)]
    is_text = name.endswith(("address", "name"))
    return MigrationOption(
        name=name,
        group=option.group,
        kind="choice" if values else "switch" if kinds == [bool] else "text" if is_text else "number",
        title=info.title or name,
        description=info.description or "",
        unit=option.unit,
        danger=option.danger,
        default=info.default,
        values=values,
        blocked=blocked,
    )
