"""What a person asks for when a machine is to move, and which wishes do not go together."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ...problems import FieldError, Problem

ADDRESS = r"^[A-Za-z0-9\[][A-Za-z0-9.:_\]-]*$"
NAME = r"^[^/\n]+$"


class MigrationRequest(BaseModel):
    """A move to another host.

    `live` keeps the machine running, `paused` stops its CPUs while it moves, `offline` moves only the definition.
    `copy` takes the disks along, `incremental` only what lies above a base image that the destination has too.
    `transfer_address` is the destination's address for the memory; `parallel` is a number of connections.
    `pool` is the destination's pool for copied disks; without it they keep their folder.
    """

    model_config = ConfigDict(extra="forbid")

    destination: str = Field(min_length=1, title="Destination")
    mode: Literal["live", "offline", "paused"] = "live"
    storage: Literal["shared", "copy", "incremental"] = "shared"
    persistent: bool = True
    undefine_source: bool = False
    leave_paused: bool = False
    compressed: bool = False
    abort_on_error: bool = True
    unsafe: bool = False
    auto_converge: bool = False
    post_copy: bool = False
    tunnelled: bool = False
    tls: bool = False
    parallel: int | None = Field(None, ge=1, le=255)
    bandwidth_mib_s: int | None = Field(None, ge=1, le=1_000_000)
    max_downtime_ms: int | None = Field(None, ge=1, le=2_000_000)
    transfer_address: str | None = Field(None, max_length=253, pattern=ADDRESS)
    rename: str | None = Field(None, min_length=1, max_length=200, pattern=NAME)
    pool: str | None = Field(None, min_length=1)
    start: bool = False


# field that is set, other field that then may not be set, why. Each line was tried on libvirt 9.0 and 11.3.
CLASHES: tuple[tuple[str, str, str], ...] = (
    ("tunnelled", "parallel", "A tunnelled transfer has one connection only; leave parallel out."),
    ("tunnelled", "post_copy", "Post-copy does not work through a tunnel; use TLS instead of the tunnel."),
    ("tunnelled", "tls", "A tunnelled transfer is encrypted by libvirt's own connection already; choose one of both."),
    ("tunnelled", "transfer_address", "A tunnelled transfer goes through libvirt's own connection; leave it empty."),
    ("post_copy", "leave_paused", "A machine that is left paused cannot fetch its memory by post-copy."),
    ("parallel", "compressed", "This QEMU does not compress on parallel connections; choose one of both."),
)
ONLY_WITH_MEMORY = (
    "leave_paused", "compressed", "auto_converge", "post_copy", "tunnelled", "tls", "parallel", "max_downtime_ms",
    "bandwidth_mib_s", "unsafe",
)  # fmt: skip


def check_request(request: MigrationRequest, source: str) -> None:
    """Problem `invalid-input` that names every wish that does not go together with another."""
    faults = list(_faults(request, source))
    if faults:
        raise Problem("invalid-input", faults[0].detail, errors=faults)


def _faults(request: MigrationRequest, source: str) -> list[FieldError]:
    faults = [
        FieldError(f"/{other}", why) for one, other, why in CLASHES if getattr(request, one) and getattr(request, other)
    ]
    if request.destination == source:
        faults.append(FieldError("/destination", "The machine is on this host already; choose another one."))
    if request.undefine_source and not request.persistent:
        faults.append(
            FieldError(
                "/undefine_source", "Nothing would be saved anywhere then; keep it persistent at the destination."
            )
        )
    if request.tunnelled and request.storage != "shared":
        faults.append(FieldError("/storage", "Disks cannot be copied through a tunnel; leave the tunnel out."))
    if request.post_copy and request.mode != "live":
        faults.append(FieldError("/post_copy", "Post-copy needs a live move."))
    if request.mode == "offline":
        faults += _offline_faults(request)
    elif request.start:
        faults.append(FieldError("/start", "Only a machine that moves offline can be started afterwards."))
    if request.pool and request.storage == "shared":
        faults.append(FieldError("/pool", "A pool is needed only where disks are copied."))
    return faults


def _offline_faults(request: MigrationRequest) -> list[FieldError]:
    faults = [
        FieldError(f"/{name}", "An offline move sends only the definition, no memory; leave it out.")
        for name in ONLY_WITH_MEMORY
        if getattr(request, name)
    ]
    if request.storage != "shared":
        faults.append(
            FieldError("/storage", "An offline move does not copy disks; move the machine live, or copy them.")
        )
    if not request.persistent:
        faults.append(FieldError("/persistent", "An offline move always saves the machine at the destination."))
    return faults
