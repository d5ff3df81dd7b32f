"""A domain (virtual machine) as the list, the page and scripts see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .boot import Boot
from .clock import Clock
from .command_line import QemuCommandLine
from .compare import Difference
from .cpu import Cpu
from .devices import AnyDevice
from .features import Features
from .memory import MemoryBacking, MemTune
from .power import Events, Power
from .security import KeyWrap, LaunchSecurity, SecurityLabel
from .strict import Value
from .sysinfo import FwCfg, SysInfo
from .template import Origin
from .tuning import BlkioTune, CpuTune, DefaultIoThread, IoThread, NumaTune, Perf, Resource

DomainState = Literal["running", "paused", "shutting_down", "shut_off", "crashed", "suspended", "unknown"]

REASONS: dict[tuple[str, str], str] = {
    ("running", "booted"): "started",
    ("running", "migrated"): "moved here from another host",
    ("running", "restored"): "restored from a saved state",
    ("running", "from_snapshot"): "started from a snapshot",
    ("running", "unpaused"): "resumed",
    ("running", "migration_canceled"): "goes on here after a cancelled migration",
    ("running", "save_canceled"): "goes on after a cancelled save",
    ("running", "wakeup"): "woken up",
    ("running", "crashed"): "goes on after a crash",
    ("running", "postcopy"): "runs here while its memory still arrives",
    ("paused", "user"): "paused by somebody",
    ("paused", "migration"): "paused for a migration",
    ("paused", "save"): "paused while its state is saved",
    ("paused", "dump"): "paused while its memory is dumped",
    ("paused", "ioerror"): "paused because a disk gave an error or is full",
    ("paused", "watchdog"): "paused by its watchdog",
    ("paused", "from_snapshot"): "paused as the snapshot was",
    ("paused", "shutting_down"): "paused while shutting down",
    ("paused", "snapshot"): "paused while a snapshot is made",
    ("paused", "crashed"): "paused because the guest crashed",
    ("paused", "starting_up"): "starting",
    ("paused", "postcopy"): "its memory is moving to another host",
    ("paused", "postcopy_failed"): "its migration broke in post-copy",
    ("shut_off", "shutdown"): "shut down",
    ("shut_off", "destroyed"): "forced off",
    ("shut_off", "crashed"): "crashed",
    ("shut_off", "migrated"): "moved to another host",
    ("shut_off", "saved"): "saved to disk",
    ("shut_off", "failed"): "failed to start",
    ("shut_off", "from_snapshot"): "off as the snapshot was",
    ("shut_off", "daemon"): "ended by the host",
    ("crashed", "panicked"): "the guest's kernel panicked",
}


@dataclass(frozen=True)
class DomainRow:
    """What libvirt tells of a domain without its XML. `reason` is libvirt's word in lower case."""

    uuid: str
    name: str
    state: DomainState
    reason: str
    persistent: bool
    autostart: bool
    has_saved_image: bool
    vcpus: int
    vcpus_max: int
    memory_kib: int
    memory_max_kib: int
    snapshots: int = 0
    snapshot: str | None = None

    @property
    def active(self) -> bool:
        """Whether QEMU runs for it."""
        return self.state not in ("shut_off", "unknown") and not (self.state == "crashed" and not self.vcpus)


class OsRef(Value):
    """The guest system as the OS database knows it."""

    id: str
    name: str


class DomainSummary(Value):
    """One machine in a list. Memory is in MiB; `actions` maps each act to None, or to why it is not possible now.

    `snapshots` is how many it has, `snapshot` the one that its present state grew from. `last_seen` is set while its
    host is not connected: everything else is what was known then. `runs_on` is another host where it runs, being off
    here.
    """

    host: str
    uuid: str
    name: str
    last_seen: str | None = None
    runs_on: str | None = None
    title: str | None = None
    description: str | None = None
    tags: list[str] = []
    template: bool = False
    template_version: int | None = None
    state: DomainState
    reason: str
    reason_text: str
    persistent: bool
    autostart: bool
    has_saved_image: bool
    vcpus: int
    vcpus_max: int
    memory_mib: int
    memory_max_mib: int
    os: OsRef | None = None
    addresses: list[str] = []
    consoles: list[Literal["vnc", "serial"]] = []
    changes_pending: bool = False
    installation: Literal["pending", "running"] | None = None
    snapshots: int = 0
    snapshot: str | None = None
    job: str | None = None
    revision: int = 0
    actions: dict[str, str | None] = {}


class BootView(Boot):
    """What the machine boots from: device ids in order, the menu, and a kernel that is started directly."""

    order: tuple[str, ...] = ()


class DeviceView(Value):
    """One device: as saved (used at the next start) and as it runs now. Either may be missing.

    `installing`: its medium is in it for the installation alone; the title names that.
    """

    id: str
    type: str
    title: str
    installing: bool = False
    saved: AnyDevice | None = None
    running: AnyDevice | None = None


class Remedy(Value):
    """A change that cures a finding, to be looked at first: a call below the machine's address."""

    title: str
    method: Literal["POST", "PATCH"]
    path: str
    body: dict[str, Any]


class Finding(Value):
    """Something wrong or worth doing, with its cure.

    `action` names an act that cures it, `remedy` a change; `pool` and `tab` of the machine's page are where to look.
    """

    id: str
    severity: Literal["danger", "warning", "info"]
    title: str
    text: str
    cure: str | None = None
    action: str | None = None
    remedy: Remedy | None = None
    pool: str | None = None
    tab: str | None = None


class PendingView(Value):
    """A value that is saved but not yet in the running machine."""

    field: str
    device: str | None = None
    saved: Any = None
    running: Any = None


class Drift(Value):
    """What was changed outside Quarterdeck since its last own change: `number` names the newest definition."""

    number: int
    since: str
    changes: list[Difference]


class Inverse(Value):
    """The change that takes another one back where no definition tells it: of the machine, or of a `device`.

    `body` are the values from before, `made` those that the change gave, to see whether it was changed again.
    A device that came only to the running machine is removed by `remove`; one that left only it comes back by `add`,
    as its `xml` says.
    """

    act: Literal["change", "add", "remove"] = "change"
    device: str | None = None
    xml: str | None = None
    apply: Literal["both", "live"] = "both"
    body: dict[str, Any] = {}
    made: dict[str, Any]


class Domain(DomainSummary):
    """One machine in full. `etag` names the saved definition; changes need it as If-Match.

    `undo` is set in the answer to a change of the definition: the number in the history by which it is undone.
    `inverse` is set where a change made more than a definition tells: only in the running machine, or autostart.
    """

    etag: str
    undo: int | None = None
    origin: Origin | None = None
    inverse: Inverse | None = None
    drift: Drift | None = None
    arch: str = ""
    machine: str = ""
    type: str = ""
    emulator: str | None = None
    firmware: Literal["bios", "uefi"] = "bios"
    secure_boot: bool = False
    cpu: Cpu = Cpu()
    boot: BootView = BootView()
    memory_hotplug_max_mib: int | None = None
    memory_slots: int | None = None
    memory_dump_core: bool | None = None
    memory_backing: MemoryBacking = MemoryBacking()
    memtune: MemTune = MemTune()
    cpuset: str | None = None
    iothreads: int | None = None
    iothread_ids: tuple[IoThread, ...] = ()
    default_iothread: DefaultIoThread = DefaultIoThread()
    cputune: CpuTune = CpuTune()
    numatune: NumaTune = NumaTune()
    blkiotune: BlkioTune = BlkioTune()
    resource: Resource = Resource()
    sysinfo: SysInfo = SysInfo()
    fw_cfg: FwCfg = FwCfg()
    features: Features = Features()
    clock: Clock = Clock()
    events: Events = Events()
    power: Power = Power()
    perf: Perf = Perf()
    genid: str | None = None
    security_labels: tuple[SecurityLabel, ...] = ()
    launch_security: LaunchSecurity = LaunchSecurity()
    key_wrap: KeyWrap = KeyWrap()
    qemu_commandline: QemuCommandLine = QemuCommandLine()
    devices: list[DeviceView] = []
    findings: list[Finding] = []
    pending: list[PendingView] = []


def reason_text(state: str, reason: str) -> str:
    """Why a machine is in its state, in words; empty where libvirt does not know."""
    return REASONS.get((state, reason), "" if reason in ("unknown", "") else reason.replace("_", " "))
