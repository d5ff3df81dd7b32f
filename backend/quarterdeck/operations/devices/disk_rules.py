"""What must hold between the values of a disk; what QEMU or libvirt would refuse is told at its field before."""

from __future__ import annotations

from typing import Any

from ..changing.changing import Draft

DRIVES = ("cdrom", "floppy")
DIRECT = ("none", "directsync")


def check_settings(draft: Draft, after: dict[str, Any], given: dict[str, Any]) -> None:
    """Combinations that QEMU refuses at start, told before."""
    if after.get("io") == "native" and after.get("cache") not in DIRECT:
        draft.fault("/io", "native needs the cache mode none or directsync.", cure="Set cache to none.")
    remote = given.get("source") or {}
    if remote.get("protocol") == "rbd" and "/" not in (remote.get("name") or ""):
        draft.fault("/source/name", "An image of a Ceph cluster is named with its pool: pool/image.")
    if after.get("detect_zeroes") == "unmap" and after.get("discard") != "unmap":
        draft.fault("/detect_zeroes", "unmap needs discard unmap as well.", cure="Set discard to unmap.")
    if after.get("shareable") and after.get("format") not in (None, "raw"):
        draft.fault("/shareable", f"Only raw disks can be shared; this one is {after['format']}.")
    if after.get("readonly") and after.get("device") == "disk" and after.get("bus") in ("ide", "sata"):
        draft.fault("/readonly", "IDE and SATA disks cannot be read-only.")
    if after.get("device") == "cdrom" and given.get("readonly") is False:
        draft.fault("/readonly", "A CD-ROM is always read-only.")
    if (
        after.get("transient")
        and not given.get("source")
        and (after.get("source") or {}).get("type") not in (None, "file")
    ):
        draft.fault("/transient", "Only a disk in a file of the host forgets what is written.", slug="unsupported")
    _check_kind(draft, after, given)
    if given.get("transient"):
        draft.warnings.append(
            "What the guest writes to this disk is lost when the machine goes off; it cannot move then."
        )
    _check_limits(draft, after.get("iotune") or {})
    _check_threads(draft, after)


def _check_kind(draft: Draft, after: dict[str, Any], given: dict[str, Any]) -> None:
    """What only some kinds of disks have (libvirt's virDomainDiskDefValidate and its schema)."""
    if given.get("metadata_cache_kib") and after.get("format") not in (None, "qcow2"):
        draft.fault("/metadata_cache_kib", f"Only qcow2 has such tables; this one is {after['format']}.")
    if given.get("bus") == "fdc" and after.get("device") != "floppy":
        draft.fault("/bus", "This bus is for floppy drives.", slug="unsupported")
    if given.get("startup_policy") == "requisite" and after.get("device") not in DRIVES:
        draft.fault("/startup_policy", "requisite is for drives whose medium changes.", cure="Choose optional.")
    for name in ("reserved", "raw_io"):
        if given.get(name) is not None and after.get("device") != "lun":
            draft.fault(f"/{name}", "This is for a LUN that is passed through whole.", slug="unsupported")


def _check_threads(draft: Draft, after: dict[str, Any]) -> None:
    """One I/O thread or several, and of the queues all or none (libvirt's qemuDomainValidateIothreads)."""
    threads = after.get("iothreads") or ()
    if threads and after.get("iothread"):
        draft.fault("/iothread", "It is served by several I/O threads already.", cure="Leave this one empty.")
    named = [queue for thread in threads for queue in thread.get("queues") or ()]
    if named and sorted(named) != list(range(after.get("queues") or 0)):
        last = (after.get("queues") or 1) - 1
        draft.fault("/iothreads/0/queues", f"Name each queue from 0 to {last} once, or none.", cure="Set queues first.")


def complete(changes: dict[str, Any]) -> None:
    """No limit is no element, and a burst has a length: both as QEMU tells them of the running machine."""
    if changes.get("reserved") is False:
        changes["reserved"] = None  # libvirt wants the socket of a helper where it is not to start one
    if changes.get("slice"):
        changes["slice"]["kind"] = "storage"
    limits: dict[str, Any] = changes.get("iotune") or {}
    for name, value in list(limits.items()):
        if name.endswith("_max"):
            limits[f"{name}_length_s"] = limits.get(f"{name}_length_s") or 1 if value else None
        if value == 0:
            limits[name] = None


def _check_limits(draft: Draft, limits: dict[str, Any]) -> None:
    """A total and its parts exclude each other (libvirt's virDomainDiskDefIotune checks)."""
    for unit in ("bytes_sec", "iops_sec", "bytes_sec_max", "iops_sec_max"):
        parts = [f"{side}_{unit}" for side in ("read", "write") if limits.get(f"{side}_{unit}")]
        if limits.get(f"total_{unit}") and parts:
            draft.fault(f"/iotune/{parts[0]}", "There is a limit for all of it already.", cure="Give one or the other.")
