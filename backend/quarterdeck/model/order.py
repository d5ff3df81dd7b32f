"""Where a new child goes: libvirt's usual order and the indentation of its neighbours."""

from __future__ import annotations

from lxml import etree

ORDER = {
    "domain": "name uuid genid title description metadata maxMemory memory currentMemory memoryBacking blkiotune "
    "memtune vcpu vcpus iothreads iothreadids defaultiothread cputune numatune resource sysinfo os features cpu clock "
    "on_poweroff on_reboot on_crash on_lockfailure pm perf devices seclabel launchSecurity",
    "os": "type firmware loader nvram kernel initrd cmdline dtb boot bootmenu smbios bios",
    "memoryBacking": "hugepages nosharepages locked source access allocation discard",
    "memtune": "hard_limit soft_limit swap_hard_limit min_guarantee",
    "blkiotune": "weight device",
    "cputune": "shares period quota global_period global_quota emulator_period emulator_quota iothread_period "
    "iothread_quota vcpupin emulatorpin iothreadpin vcpusched iothreadsched emulatorsched cachetune memorytune",
    "numatune": "memory memnode",
    "features": "acpi apic pae viridian privnet hap hyperv kvm pvspinlock pmu vmport smm ioapic vmcoreinfo msrs tcg "
    "async-teardown ras ps2",
    "hyperv": "relaxed vapic spinlocks vpindex runtime synic stimer reset vendor_id frequencies reenlightenment "
    "tlbflush ipi evmcs avic emsr_bitmap xmm_input",
    "sysinfo": "bios system baseBoard chassis oemStrings",
    "resource": "partition fibrechannel",
    "pm": "suspend-to-mem suspend-to-disk",
    "cpu": "model vendor topology cache maxphysaddr feature numa",
    "cell": "distances cache",
    "numa": "cell interconnects",
    "devices": "emulator disk controller filesystem interface smartcard serial parallel console channel input tpm "
    "graphics sound audio video hostdev redirdev redirfilter lease watchdog memballoon rng panic "
    "shmem memory iommu vsock",
    "disk": "driver auth source backingStore mirror geometry blockio target iotune readonly shareable transient "
    "serial wwn vendor product encryption boot alias address",
    "interface": "mac source bandwidth virtualport vlan target model teaming driver filterref link mtu coalesce tune "
    "boot rom alias address",
    "hostdev": "driver teaming source",
    "graphics": "listen channel image jpeg zlib playback streaming mouse clipboard filetransfer gl audio",
}


def insert(parent: etree._Element, child: etree._Element) -> None:
    """Put the child behind its like, else where libvirt writes it, else last; indented as its neighbours are."""
    _place(parent, child, _index(parent, child))


def _index(parent: etree._Element, child: etree._Element) -> int:
    like = [index for index, other in enumerate(parent) if other.tag == child.tag]
    if like:
        return like[-1] + 1
    order = ORDER.get(str(parent.tag), "").split()
    if child.tag not in order:
        return len(parent)
    later = order[order.index(str(child.tag)) + 1 :]
    return next((index for index, other in enumerate(parent) if other.tag in later), len(parent))


def _place(parent: etree._Element, child: etree._Element, index: int) -> None:
    if len(parent):
        inner = parent.text if parent.text and not parent.text.strip() else ""
        if index == len(parent):
            last = parent[-1]
            child.tail, last.tail = last.tail, inner
        else:
            child.tail = inner
    elif not (parent.text or "").strip():
        depth = sum(1 for _ in parent.iterancestors())
        parent.text, child.tail = "\n" + "  " * (depth + 1), "\n" + "  " * depth
    parent.insert(index, child)
    _indent(child)


def _indent(child: etree._Element) -> None:
    """Indent what a child brings with it."""
    if len(child):
        tail = child.tail
        etree.indent(child, "  ", level=sum(1 for _ in child.iterancestors()))
        child.tail = tail


def remove(child: etree._Element) -> None:
    """Take the child out so that the indentation around it stays whole."""
    parent = child.getparent()
    if parent is None:
        return
    before = child.getprevious()
    if len(parent) == 1 and not (parent.text or "").strip():
        parent.text = None
    elif child.getnext() is None and before is not None:
        before.tail = child.tail
    parent.remove(child)
