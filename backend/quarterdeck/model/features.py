"""What the guest's board and hypervisor offer: the `<features>` of a definition."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .patterns import HYPERV_VENDOR
from .xml import At, XmlModel


class HyperV(XmlModel):
    """What a Windows guest finds of Microsoft's hypervisor."""

    mode: Annotated[
        Literal["custom", "passthrough"] | str | None,
        At("@mode", since="7.9.0", help="passthrough gives all that the host has"),
    ] = None
    relaxed: Annotated[bool | None, At("relaxed/@state", words="onoff", help="No watchdog for slow timers")] = None
    vapic: Annotated[
        bool | None, At("vapic/@state", title="Virtual APIC", words="onoff", help="Cheaper interrupts")
    ] = None
    spinlocks: Annotated[bool | None, At("spinlocks/@state", words="onoff", help="Waits give the CPU away")] = None
    spinlock_retries: Annotated[
        int | None,
        At(
            "spinlocks/@retries",
            when="spinlocks=yes",
            minimum=4095,
            maximum=0xFFFFFFFF,
            help="Tries before that; often 8191",
        ),
    ] = None
    vpindex: Annotated[
        bool | None, At("vpindex/@state", title="vCPU index", words="onoff", since="1.3.3", help="Numbers of vCPUs")
    ] = None
    runtime: Annotated[bool | None, At("runtime/@state", words="onoff", since="1.3.3", help="Time each vCPU ran")] = (
        None
    )
    synic: Annotated[
        bool | None, At("synic/@state", title="SynIC", words="onoff", since="1.3.3", help="Messages; needs vpindex")
    ] = None
    stimer: Annotated[
        bool | None,
        At(
            "stimer/@state",
            title="Timers",
            words="onoff",
            since="1.3.3",
            help="Timers; needs vpindex, synic and hypervclock",
        ),
    ] = None
    stimer_direct: Annotated[
        bool | None, At("stimer/direct/@state", title="Direct timers", words="onoff", when="stimer=yes", since="5.7.0")
    ] = None
    reset: Annotated[bool | None, At("reset/@state", words="onoff", since="1.3.3", help="Reset by the guest")] = None
    vendor_id: Annotated[
        bool | None,
        At("vendor_id/@state", title="Vendor id", words="onoff", since="1.3.3", help="Another name of the maker"),
    ] = None
    vendor_id_value: Annotated[str | None, At("vendor_id/@value", when="vendor_id=yes", pattern=HYPERV_VENDOR)] = None
    frequencies: Annotated[
        bool | None, At("frequencies/@state", words="onoff", since="4.7.0", help="Rates of clock and interrupts")
    ] = None
    reenlightenment: Annotated[
        bool | None, At("reenlightenment/@state", words="onoff", since="4.7.0", help="News of a move")
    ] = None
    tlbflush: Annotated[
        bool | None,
        At(
            "tlbflush/@state",
            title="TLB flush",
            words="onoff",
            since="4.7.0",
            help="Flushes by one call; needs vpindex",
        ),
    ] = None
    tlbflush_direct: Annotated[
        bool | None,
        At("tlbflush/direct/@state", title="Direct TLB flush", words="onoff", when="tlbflush=yes", since="11.0.0"),
    ] = None
    tlbflush_extended: Annotated[
        bool | None,
        At("tlbflush/extended/@state", title="Extended TLB flush", words="onoff", when="tlbflush=yes", since="11.0.0"),
    ] = None
    ipi: Annotated[
        bool | None,
        At("ipi/@state", title="IPI", words="onoff", since="4.10.0", help="Interrupts by one call; needs vpindex"),
    ] = None
    evmcs: Annotated[
        bool | None,
        At(
            "evmcs/@state",
            title="Enlightened VMCS",
            words="onoff",
            since="4.10.0",
            help="Machines in machines, Intel only",
        ),
    ] = None
    avic: Annotated[
        bool | None, At("avic/@state", title="AVIC", words="onoff", since="8.10.0", help="Interrupts by the CPU itself")
    ] = None
    emsr_bitmap: Annotated[
        bool | None,
        At(
            "emsr_bitmap/@state",
            title="Enlightened MSR bitmap",
            words="onoff",
            since="10.7.0",
            help="Machines in machines leave less often",
        ),
    ] = None
    xmm_input: Annotated[
        bool | None,
        At(
            "xmm_input/@state",
            title="XMM input",
            words="onoff",
            since="10.7.0",
            help="Calls with their input in registers",
        ),
    ] = None


class Kvm(XmlModel):
    """What a guest finds of KVM."""

    hidden: Annotated[bool | None, At("hidden/@state", words="onoff", help="The guest does not see KVM")] = None
    hint_dedicated: Annotated[
        bool | None,
        At("hint-dedicated/@state", words="onoff", since="5.7.0", help="Its vCPUs have host CPUs of their own"),
    ] = None
    poll_control: Annotated[bool | None, At("poll-control/@state", words="onoff", since="6.10.0")] = None
    pv_ipi: Annotated[bool | None, At("pv-ipi/@state", title="PV IPI", words="onoff", since="7.10.0")] = None
    dirty_ring: Annotated[bool | None, At("dirty-ring/@state", words="onoff", since="8.0.0")] = None
    dirty_ring_size: Annotated[
        int | None, At("dirty-ring/@size", when="dirty_ring=yes", minimum=1024, maximum=65536, help="A power of two")
    ] = None


class Features(XmlModel):
    """The `<features>` of a definition."""

    tag: ClassVar[str] = "features"
    acpi: Annotated[bool, At("acpi", words="present", title="ACPI", help="Needed to shut down, and by UEFI")] = False
    apic: Annotated[bool, At("apic", words="present", title="APIC", help="Needed for more than one vCPU")] = False
    apic_eoi: Annotated[
        bool | None,
        At("apic/@eoi", words="onoff", when="apic=yes", advanced=True, help="Ends of interrupts without an exit"),
    ] = None
    pae: Annotated[bool, At("pae", words="present", title="PAE", help="More than 4 GiB for 32-bit guests")] = False
    hap: Annotated[
        bool | None,
        At("hap/@state", title="Nested paging", words="onoff", advanced=True, help="Page tables by the CPU"),
    ] = None
    pvspinlock: Annotated[bool | None, At("pvspinlock/@state", words="onoff", advanced=True)] = None
    pmu: Annotated[
        bool | None, At("pmu/@state", words="onoff", title="PMU", since="1.2.12", help="Performance counters")
    ] = None
    vmport: Annotated[
        bool | None,
        At("vmport/@state", title="VMware port", words="onoff", since="1.2.16", help="VMware's port; on by default"),
    ] = None
    smm: Annotated[
        bool | None, At("smm/@state", words="onoff", title="SMM", since="2.1.0", help="Needed by Secure Boot")
    ] = None
    smm_tseg_mib: Annotated[
        int | None, At("smm/tseg", when="smm=yes", advanced=True, unit="MiB", minimum=1, maximum=128, since="4.5.0")
    ] = None
    ioapic: Annotated[
        Literal["kvm", "qemu"] | str | None,
        At("ioapic/@driver", title="I/O APIC", since="3.4.0", help="qemu is needed by the virtual IOMMU"),
    ] = None
    vmcoreinfo: Annotated[
        bool | None,
        At("vmcoreinfo/@state", words="onoff", since="4.4.0", advanced=True, help="Facts for a dump of its memory"),
    ] = None
    unknown_msrs: Annotated[
        Literal["ignore", "fault"] | str | None,
        At("msrs/@unknown", since="5.1.0", advanced=True, help="Registers of the CPU that KVM does not know"),
    ] = None
    tb_cache_mib: Annotated[
        int | None,
        At("tcg/tb-cache", advanced=True, unit="MiB", minimum=1, since="8.0.0", help="QEMU's cache when it emulates"),
    ] = None
    async_teardown: Annotated[
        bool | None,
        At(
            "async-teardown/@enabled",
            words="yesno",
            since="9.6.0",
            advanced=True,
            help="A machine with much memory is gone before all of it is given back",
        ),
    ] = None
    ps2: Annotated[
        bool | None,
        At(
            "ps2/@state",
            title="PS/2",
            words="onoff",
            since="10.7.0",
            advanced=True,
            help="The controller of PS/2 keyboard and mouse",
        ),
    ] = None
    ras: Annotated[
        bool | None,
        At(
            "ras/@state",
            title="RAS",
            words="onoff",
            since="10.4.0",
            advanced=True,
            help="Faults of the host's memory are told to the guest; of Arm only",
        ),
    ] = None
    hyperv: Annotated[HyperV | None, At("hyperv", title="Hyper-V", advanced=True)] = None
    kvm: Annotated[Kvm | None, At("kvm", title="KVM", advanced=True)] = None
