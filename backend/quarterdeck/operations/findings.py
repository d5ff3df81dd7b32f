"""What is wrong with a machine, or worth doing, each with its cure."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.devices import Channel
from ..model.domain import Domain, Finding

CRASHED = Finding(
    id="crashed",
    severity="danger",
    title="It crashed",
    text="The guest's kernel panicked, or QEMU ended without being told to.",
    cure="Look at /var/log/libvirt/qemu on the host, then start it again.",
    action="start",
)
BY_STATE: dict[tuple[str, str], Finding] = {
    ("paused", "ioerror"): Finding(
        id="paused-ioerror",
        severity="danger",
        title="Paused: a disk gave an error",
        text="QEMU stopped the machine because a disk could not be written, most often because its pool is full.",
        cure="Make room in the pool, then resume.",
        action="resume",
    ),
    ("paused", "watchdog"): Finding(
        id="paused-watchdog",
        severity="danger",
        title="Paused by its watchdog",
        text="The guest did not report to its watchdog in time: it hangs, or is overloaded.",
        cure="Look at its console, then resume or reset it.",
        action="resume",
    ),
    ("paused", "postcopy_failed"): Finding(
        id="postcopy-failed",
        severity="danger",
        title="Its migration broke in post-copy",
        text="Part of its memory is here and part on the destination. Neither half may be destroyed.",
        cure="Repair the network between the hosts, then resume the migration.",
    ),
    ("shut_off", "crashed"): CRASHED,
    ("shut_off", "failed"): Finding(
        id="failed",
        severity="warning",
        title="It failed to start",
        text="The last start did not succeed. Starting it again shows the reason.",
        action="start",
    ),
}


def findings(domain: Domain) -> list[Finding]:
    """The list for a machine's overview, worst first."""
    order = {"danger": 0, "warning": 1, "info": 2}
    return sorted(_all(domain), key=lambda finding: order[finding.severity])


def _all(domain: Domain) -> Iterator[Finding]:
    yield from _installation(domain)
    yield from _state(domain)
    yield from _lasting(domain)
    yield from _hardware(domain)


def _installation(domain: Domain) -> Iterator[Finding]:
    if domain.installation == "pending" and domain.state == "shut_off":
        yield Finding(
            id="installation-pending",
            severity="info",
            title="Not installed yet",
            text="It has not been installed, or its installer was forced off before it ended.",
            cure="Start it: it boots its installation medium once, and its disk from then on.",
            action="start",
        )
    elif domain.installation == "running":
        yield Finding(
            id="installation-running",
            severity="info",
            title="The installer runs",
            text="The machine runs from its installation medium. When that ends or restarts, it starts from its disk.",
        )


def _state(domain: Domain) -> Iterator[Finding]:
    known = CRASHED if domain.state == "crashed" else BY_STATE.get((domain.state, domain.reason))
    if known:
        yield known


def _lasting(domain: Domain) -> Iterator[Finding]:
    if not domain.persistent:
        yield Finding(
            id="transient",
            severity="warning",
            title="It is temporary",
            text="libvirt forgets this machine when it stops: it has no saved definition.",
        )
    if domain.has_saved_image:
        yield Finding(
            id="saved-state",
            severity="info",
            title="It has a saved state",
            text="The next start goes on from there, with the hardware that it had then; changes made since wait.",
            cure="Restore it, or discard the saved state for a cold boot.",
            action="restore",
        )
    if domain.changes_pending:
        yield Finding(
            id="pending",
            severity="info",
            title="Changes wait for the next start",
            text="Some saved settings differ from the running machine. A reboot inside the guest does not apply them.",
            cure="Shut it down and start it again.",
            action="shutdown",
        )


def _hardware(domain: Domain) -> Iterator[Finding]:
    channels = [each.saved for each in domain.devices if isinstance(each.saved, Channel)]
    agent = next((c for c in channels if c.name == "org.qemu.guest_agent.0"), None)
    if agent is None:
        yield Finding(
            id="no-agent-channel",
            severity="info",
            title="No channel for the guest agent",
            text="With qemu-guest-agent the machine tells its addresses and shuts down more reliably.",
            cure="Add a channel named org.qemu.guest_agent.0 and install qemu-guest-agent in the guest.",
        )
    if not domain.consoles:
        yield Finding(
            id="no-console",
            severity="info",
            title="No console",
            text="It has neither a VNC screen nor a serial line, so it cannot be seen from here.",
            cure="Add a display or a serial port under Hardware.",
        )
    if domain.type == "qemu":
        yield Finding(
            id="emulated",
            severity="info",
            title="Runs without hardware virtualisation",
            text="QEMU emulates its CPU, which is many times slower than KVM.",
            cure="Switch virtualisation on in the host's firmware, then set the type to kvm.",
        )
