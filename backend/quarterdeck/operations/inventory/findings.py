"""What is wrong with a machine, or worth doing, each with its cure."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.devices import Channel
from ...model.domain import Domain, Finding, Remedy
from ...model.units import human_size
from .why import Circumstances, DiskTrouble, Incident

CRASHED = Finding(
    id="crashed",
    severity="danger",
    title="It crashed",
    text="The guest's kernel panicked, or QEMU ended without being told to.",
    cure="Look at /var/log/libvirt/qemu on the host, then start it again.",
    action="start",
)
PANICKED = Finding(
    id="panicked",
    severity="danger",
    title="The guest's kernel panicked",
    text="It told so through its panic device, and QEMU keeps it as it was so that it can be looked at.",
    cure="Look at its console or save a screenshot, then reset it.",
    action="reset",
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
        cure="Mend the network between both hosts, then go on with the move.",
        action="migrate",
    ),
    ("paused", "crashed"): PANICKED,
    ("crashed", "panicked"): PANICKED,
    ("paused", "user"): Finding(
        id="paused-user",
        severity="info",
        title="Paused by somebody",
        text="Its CPUs stand still and its memory stays. Its clock stands still too, until the guest sets it.",
        action="resume",
    ),
    ("paused", "migration"): Finding(
        id="paused-migration",
        severity="info",
        title="Paused while it moves",
        text="The move copies the rest of its memory. It goes on by itself, here or on the other host.",
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


NOTHING_MORE = Circumstances()
AGENT = "org.qemu.guest_agent.0"
LONG_RUN_DAYS = 3
OLD_SNAPSHOT_DAYS = 30
TAINTS = {
    "custom configuration parameters": ("QEMU gets parameters of its own", "Its XML hands words to QEMU past libvirt."),
    "custom monitor control": ("Commands went to QEMU past libvirt", "libvirt may no longer know how it really is."),
    "shell scripts": ("A script sets its network up", "libvirt cannot tell what it does, nor take it back."),
    "disk format probing": ("The format of a disk is guessed", "A guest can make the host read its other files so."),
    "externally launched": ("It was not started by libvirt", "QEMU was started by hand, and libvirt joined later."),
    "host CPU passthrough": ("The host's CPU is passed through", "It can move only to hosts with an equal CPU."),
    "hook script": ("A script of the host changes it", "What runs may differ from what is saved."),
    "cdrom passthrough": ("The host's CD drive is passed through", "The guest talks to the drive directly."),
    "device tree": ("It has a device tree of its own", "Its hardware may differ from what its XML says."),
    "guest agent": ("Commands went to the agent past libvirt", "libvirt may no longer know how it really is."),
    "autodetection override": ("Features are forced on QEMU", "libvirt was told not to believe what QEMU offers."),
    "custom device": ("Devices get properties of their own", "Its XML hands settings to QEMU past libvirt."),
}
"""libvirt's words for why one is tainted (virDomainTaintMessage), and ours; root's rights are the host's matter."""


def findings(domain: Domain, why: Circumstances = NOTHING_MORE) -> list[Finding]:
    """The list for a machine's overview, worst first."""
    order = {"danger": 0, "warning": 1, "info": 2}
    return sorted(_all(domain, why), key=lambda finding: order[finding.severity])


def _all(domain: Domain, why: Circumstances) -> Iterator[Finding]:
    yield from _installation(domain)
    yield from [_disk_trouble(disk) for disk in why.disks] or _state(domain)
    for incident in why.incidents:
        yield from _incident(incident, domain)
    for message in why.messages:
        yield from _message(message)
    yield from _lasting(domain)
    yield from _agent(domain)
    yield from _hardware(domain)
    yield from _habits(domain, why)


def _disk_trouble(disk: DiskTrouble) -> Finding:
    if not disk.full:
        text = f"QEMU could not read or write {disk.path or disk.target}, and stopped the machine before data is lost."
        cure = "Look at the host's log for its storage, repair it, then resume."
        return Finding(
            id=f"paused-ioerror-{disk.target}",
            severity="danger",
            title=f"Paused: disk {disk.target} gave an error",
            text=text,
            cure=cure,
            action="resume",
            pool=disk.pool,
        )
    place = f"the pool {disk.pool}" if disk.pool else f"the place of {disk.path or disk.target}"
    left = f" It has {human_size(disk.free)} of {human_size(disk.capacity)} left." if disk.pool else ""
    return Finding(
        id=f"paused-full-{disk.target}",
        severity="danger",
        title=f"Paused: no space left for disk {disk.target}",
        text=f"QEMU stopped the machine because {place} is full; the guest has lost nothing.{left}",
        cure="Make room there, then resume: it goes on where it stood.",
        action="resume",
        pool=disk.pool,
    )


def _incident(incident: Incident, domain: Domain) -> Iterator[Finding]:
    if incident.event == "watchdog" and domain.reason != "watchdog":
        yield Finding(
            id="watchdog",
            severity="warning",
            title="Its watchdog bit",
            text=f"The guest did not report in time at {incident.time}; what was done: {incident.action}.",
            cure="Look at the guest's log for what kept it, such as too little memory or a slow disk.",
        )
    elif incident.event == "io_error_reason" and incident.action != "pause":
        yield Finding(
            id=f"io-error-{incident.device}",
            severity="warning",
            title=f"Disk {incident.device} gave an error",
            text=f"At {incident.time}. The guest was told and runs on; its file system may be read-only now.",
            cure="Look at the guest's log, and at the host's log for its storage.",
        )
    elif incident.event == "block_threshold":
        yield Finding(
            id=f"threshold-{incident.device}",
            severity="warning",
            title=f"Disk {incident.device} has grown past its mark",
            text=f"At {incident.time} it took more space on the host than the threshold that was set for it.",
            cure="Make room in its pool before the machine is paused.",
        )


def _message(message: str) -> Iterator[Finding]:
    kind, _, words = message.partition(": ")
    if kind == "deprecated configuration":
        yield Finding(
            id="deprecated",
            severity="warning",
            title="It uses something that QEMU will drop",
            text=f"{words[:1].upper()}{words[1:]}. A later QEMU on this host will refuse to start it.",
            cure="Choose a newer machine type or CPU model.",
        )
        return
    title, text = next((ours for theirs, ours in TAINTS.items() if theirs in words), ("", ""))
    if title:
        yield Finding(
            id=f"tainted-{title.lower().replace(' ', '-')}",
            severity="info",
            title=title,
            text=f"{text} libvirt calls such a machine tainted and its makers help only without that.",
        )


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
    known = BY_STATE.get((domain.state, domain.reason)) or (PANICKED if domain.state == "crashed" else None)
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
            action="power-cycle",
        )


def _agent(domain: Domain) -> Iterator[Finding]:
    channels = [each.saved for each in domain.devices if isinstance(each.saved, Channel)]
    agent = next((c for c in channels if c.name == AGENT), None)
    running = [each.running for each in domain.devices if isinstance(each.running, Channel)]
    if any(c.name == AGENT and c.state == "disconnected" for c in running) and domain.state == "running":
        yield Finding(
            id="no-agent",
            severity="info",
            title="The guest agent does not answer",
            text="It has the channel for it, but no program in the guest listens there.",
            cure="Install and start qemu-guest-agent in the guest.",
        )
    if agent is None:
        yield Finding(
            id="no-agent-channel",
            severity="info",
            title="No channel for the guest agent",
            text="With qemu-guest-agent the machine tells its addresses and shuts down more reliably.",
            cure="Add the channel, then install qemu-guest-agent in the guest.",
            remedy=Remedy(
                title="Add the agent channel",
                method="POST",
                path="/devices",
                body={"type": "channel", "kind": "unix", "name": AGENT},
            ),
        )


def _hardware(domain: Domain) -> Iterator[Finding]:
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


def _habits(domain: Domain, why: Circumstances) -> Iterator[Finding]:
    """What is well today and hurts one day."""
    if why.running_days >= LONG_RUN_DAYS and not domain.autostart and domain.persistent:
        yield Finding(
            id="no-autostart",
            severity="info",
            title="It does not start with the host",
            text=f"It has been running for {why.running_days} days or longer. When the host restarts, it stays off "
            "until somebody starts it.",
            cure="Let it start with the host.",
            remedy=Remedy(title="Start it with the host", method="PATCH", path="", body={"autostart": True}),
        )
    kept = why.snapshots
    if kept and kept.days >= OLD_SNAPSHOT_DAYS:
        size = f" The files that stand still for them hold {human_size(kept.size)}." if kept.size else ""
        yield Finding(
            id="old-snapshots",
            severity="info",
            title=f"Its oldest snapshot is {kept.days} days old",
            text=f"It has {kept.count} of them. They are no backup, and each makes its disks larger.{size}",
            cure="Delete those that nobody will go back to.",
            tab="snapshots",
        )
