"""Our changes of settings beside those of the real virt-xml, on a real host: the same definition after both."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest

from quarterdeck.model.definition import Definition, describe
from quarterdeck.model.virt_xml import options
from quarterdeck.model.xml import dump, parse
from tests.qemu.bed import Bed
from tests.qemu.trial import Case, Trial, text, tried

TWO_CELLS = "numa.cell0.cpus=0,numa.cell0.memory=262144,numa.cell1.cpus=1,numa.cell1.memory=262144"
CELLS = [{"id": 0, "cpus": "0", "memory_mib": 256}, {"id": 1, "cpus": "1", "memory_mib": 256}]
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "cpu mode": ("--edit --cpu host-model,check=", {"cpu": {"mode": "host-model"}}),
    "cpu model": ("--edit --cpu Nehalem,check=", {"cpu": {"mode": "custom", "model": "Nehalem"}}),
    "cpu flags": (
        "--edit --cpu require=aes,disable=svm,optional=avx",
        {
            "cpu": {
                "features": [
                    {"name": "aes", "policy": "require"},
                    {"name": "svm", "policy": "disable"},
                    {"name": "avx", "policy": "optional"},
                ]
            }
        },
    ),
    "topology": (
        "--edit --cpu topology.sockets=1,topology.dies=1,topology.cores=2,topology.threads=1",
        {"cpu": {"topology": {"cores": 2}}},
    ),
    "check": ("--edit --cpu check=full", {"cpu": {"check": "full"}}),
    "migratable": ("--edit --cpu migratable=off", {"cpu": {"migratable": False}}),
    "cache": ("--edit --cpu cache.mode=emulate,cache.level=3", {"cpu": {"cache": {"mode": "emulate", "level": 3}}}),
    "address width": (
        "--edit --cpu xpath0.set=./maxphysaddr/@mode,xpath0.value=emulate,xpath1.set=./maxphysaddr/@bits,"
        "xpath1.value=42",
        {"cpu": {"physical_address": {"mode": "emulate", "bits": 42}}},
    ),
    "cells": (f"--edit --cpu {TWO_CELLS}", {"cpu": {"cells": CELLS}}),
    "distances": (
        f"--edit --cpu {TWO_CELLS},numa.cell0.distances.sibling0.id=1,numa.cell0.distances.sibling0.value=21",
        {"cpu": {"cells": [CELLS[0] | {"distances": [{"id": 1, "value": 21}]}, CELLS[1]]}},
    ),
    "shares": ("--edit --cputune shares=2048", {"cputune": {"shares": 2048}}),
    "quota": ("--edit --cputune period=50000,quota=25000", {"cputune": {"period_us": 50000, "quota_us": 25000}}),
    "all quotas": (
        "--edit --cputune global_period=50000,global_quota=25000,emulator_period=60000,emulator_quota=-1,"
        "iothread_period=70000,iothread_quota=9000",
        {
            "cputune": {
                **{"global_period_us": 50000, "global_quota_us": 25000, "emulator_period_us": 60000},
                **{"emulator_quota_us": -1, "iothread_period_us": 70000, "iothread_quota_us": 9000},
            }
        },
    ),
    "pins": (
        "--edit --cputune vcpupin0.vcpu=0,vcpupin0.cpuset=0,vcpupin1.vcpu=1,vcpupin1.cpuset=0-1,emulatorpin.cpuset=1",
        {
            "cputune": {
                "vcpu_pins": [{"vcpu": 0, "cpuset": "0"}, {"vcpu": 1, "cpuset": "0-1"}],
                "emulator_cpuset": "1",
            }
        },
    ),
    "scheduler": (
        "--edit --cputune vcpusched0.vcpus=0,vcpusched0.scheduler=rr,vcpusched0.priority=5",
        {"cputune": {"schedulers": [{"vcpus": "0", "scheduler": "rr", "priority": 5}]}},
    ),
    "cpu set": ("--edit --vcpus vcpu.cpuset=0-1", {"cpuset": "0-1"}),
    "node": (
        "--edit --numatune memory.mode=strict,memory.nodeset=0",
        {"numatune": {"mode": "strict", "nodeset": "0"}},
    ),
    "I/O threads": ("--edit --xml ./iothreads=2", {"iothreads": 2}),
    "limits": (
        "--edit --memtune hard_limit=2097152,soft_limit=1048576",
        {"memtune": {"hard_limit_mib": 2048, "soft_limit_mib": 1024}},
    ),
    "huge pages": ("--edit --memorybacking hugepages=on", {"memory_backing": {"hugepages": True}}),
    "size of pages": (
        "--edit --memorybacking hugepages=on,hugepages.page0.size=2048",
        {"memory_backing": {"hugepages": True, "pages": [{"size_kib": 2048}]}},
    ),
    "shared memory": (
        "--edit --memorybacking source.type=memfd,access.mode=shared",
        {"memory_backing": {"source": "memfd", "access": "shared"}},
    ),
    "locked memory": (
        "--edit --memorybacking locked=on,nosharepages=on,discard=on,allocation.mode=immediate,allocation.threads=2",
        {
            "memory_backing": {
                **{"locked": True, "no_ksm": True, "discard": True},
                **{"allocation": "immediate", "allocation_threads": 2},
            }
        },
    ),
    "weight": ("--edit --blkiotune weight=300", {"blkiotune": {"weight": 300}}),
    "weights of disks": (
        "--edit --blkiotune device0.path=/dev/vda,device0.weight=200,device0.read_iops_sec=900",
        {"blkiotune": {"devices": [{"path": "/dev/vda", "weight": 200, "read_iops": 900}]}},
    ),
    "partition": ("--edit --resource partition=/machine/shop", {"resource": {"partition": "/machine/shop"}}),
    "boot menu": (
        "--edit --boot bootmenu.enable=yes,bootmenu.timeout=9000",
        {"boot": {"menu": True, "menu_timeout_ms": 9000}},
    ),
    "kernel": (
        '--edit --boot kernel=/usr/bin/env,initrd=/usr/bin/id,cmdline="console=ttyS0 a,b"',
        {"boot": {"kernel": "/usr/bin/env", "initrd": "/usr/bin/id", "cmdline": "console=ttyS0 a,b"}},
    ),
    "bios": (
        "--edit --boot bios.useserial=yes,bios.rebootTimeout=5000,smbios.mode=emulate",
        {"boot": {"serial_bios": True, "reboot_timeout_ms": 5000, "smbios": "emulate"}},
    ),
    "smbios": (
        "--add-device --sysinfo type=smbios,bios.vendor=ACME,system.serial=a;b=c,oemStrings.entry0=one,"
        "oemStrings.entry1=two",
        {"sysinfo": {"bios_vendor": "ACME", "system_serial": "a;b=c", "oem_strings": ["one", "two"]}},
    ),
    "clock": ("--edit --clock offset=localtime", {"clock": {"offset": "localtime"}}),
    "time zone": (
        "--edit --clock offset=timezone,xpath0.set=./@timezone,xpath0.value=Europe/Paris",
        {"clock": {"offset": "timezone", "timezone": "Europe/Paris"}},
    ),
    "timers": (
        "--edit --clock timer0.name=rtc,timer0.tickpolicy=delay,timer0.track=guest,timer1.name=tsc,"
        "timer1.tickpolicy=,timer1.mode=native,timer1.frequency=1000000,xpath0.delete=./timer[3]",
        {
            "clock": {
                "timers": [
                    {"name": "rtc", "tickpolicy": "delay", "track": "guest"},
                    {"name": "tsc", "mode": "native", "frequency_hz": 1000000},
                ]
            }
        },
    ),
    "hyper-v": (
        "--edit --features hyperv.relaxed.state=on,hyperv.vapic.state=on,hyperv.spinlocks.state=on,"
        "hyperv.spinlocks.retries=8191",
        {"features": {"hyperv": {"relaxed": True, "vapic": True, "spinlocks": True, "spinlock_retries": 8191}}},
    ),
    "more of hyper-v": (
        "--edit --features xpath0.set=./hyperv/vpindex/@state,xpath0.value=on,xpath1.set=./hyperv/runtime/@state,"
        "xpath1.value=on,hyperv.synic.state=on,hyperv.reset.state=off",
        {"features": {"hyperv": {"vpindex": True, "runtime": True, "synic": True, "reset": False}}},
    ),
    "board": (
        "--edit --features pae=on,apic.eoi=on,pmu.state=off,vmport.state=off,smm.state=on,ioapic.driver=qemu",
        {
            "features": {
                **{"pae": True, "apic_eoi": True, "pmu": False, "vmport": False, "smm": True, "ioapic": "qemu"},
            }
        },
    ),
    "hidden": (
        "--edit --features kvm.hidden.state=on,kvm.hint-dedicated.state=on,vmcoreinfo.state=on",
        {"features": {"kvm": {"hidden": True, "hint_dedicated": True}, "vmcoreinfo": True}},
    ),
    "system management": (
        "--edit --features smm.state=on,xpath0.set=./smm/tseg,xpath0.value=16384,xpath1.set=./smm/tseg/@unit,"
        "xpath1.value=KiB",
        {"features": {"smm": True, "smm_tseg_mib": 16}},
    ),
    "fewer features": ("--edit --features apic=off", {"features": {"apic": False}}),
    "events": (
        "--edit --events on_poweroff=restart,on_reboot=restart,on_crash=preserve,on_lockfailure=pause",
        {
            "events": {
                **{"on_poweroff": "restart", "on_reboot": "restart"},
                **{"on_crash": "preserve", "on_lockfailure": "pause"},
            }
        },
    ),
    "sleep": (
        "--edit --pm suspend_to_mem.enabled=no,suspend_to_disk.enabled=yes",
        {"power": {"suspend_to_mem": False, "suspend_to_disk": True}},
    ),
    "generation": (
        "--edit --metadata genid=1f6bd8d8-9a0b-4b0e-8f41-2f0a5f3b2a11",
        {"genid": "1f6bd8d8-9a0b-4b0e-8f41-2f0a5f3b2a11"},
    ),
    "counters": (
        "--edit --xml ./perf/event/@name=cpu_cycles --xml ./perf/event/@enabled=yes",
        {"perf": {"events": [{"name": "cpu_cycles", "enabled": True}]}},
    ),
    "label": (
        "--add-device --seclabel type=none,model=none",
        {"security_labels": [{"type": "none", "model": "none"}]},
    ),
    "arguments": (
        "--edit --qemu-commandline args='-global ICH9-LPC.disable_s3=0'",
        {"qemu_commandline": {"arguments": ["-global", "ICH9-LPC.disable_s3=0"]}},
    ),
    "title": ("--edit --metadata title=Shop", {"title": "Shop"}),
    "memory": ("--edit --memory 256,maxmemory=1024", {"memory_mib": 256, "memory_max_mib": 1024}),
    "vcpus": ("--edit --vcpus 3,maxvcpus=4", {"vcpus": 3, "vcpus_max": 4}),
    "ways between cells": (
        f"--edit --cpu {TWO_CELLS},numa.cell0.cache0.level=1,numa.cell0.cache0.associativity=direct,"
        "numa.cell0.cache0.policy=writeback,numa.cell0.cache0.size.value=8,numa.cell0.cache0.size.unit=KiB,"
        "numa.cell0.cache0.line.value=64,numa.cell0.cache0.line.unit=B,"
        "numa.interconnects.latency0.initiator=0,numa.interconnects.latency0.target=0,"
        "numa.interconnects.latency0.type=access,numa.interconnects.latency0.value=5,"
        "numa.interconnects.latency1.initiator=0,numa.interconnects.latency1.target=0,"
        "numa.interconnects.latency1.cache=1,numa.interconnects.latency1.type=access,"
        "numa.interconnects.latency1.value=10,"
        "numa.interconnects.bandwidth0.initiator=0,numa.interconnects.bandwidth0.target=0,"
        "numa.interconnects.bandwidth0.type=access,numa.interconnects.bandwidth0.value=204800,"
        "numa.interconnects.bandwidth0.unit=KiB",
        {
            "cpu": {
                "cells": [
                    CELLS[0]
                    | {
                        "caches": [
                            {
                                **{"level": 1, "associativity": "direct", "policy": "writeback"},
                                **{"size_kib": 8, "line_bytes": 64},
                            }
                        ]
                    },
                    CELLS[1],
                ],
                "latencies": [
                    {"initiator": 0, "target": 0, "kind": "access", "value_ns": 5},
                    {"initiator": 0, "target": 0, "cache": 1, "kind": "access", "value_ns": 10},
                ],
                "bandwidths": [{"initiator": 0, "target": 0, "kind": "access", "value_kib_s": 204800}],
            }
        },
    ),
}

ELSEWHERE: dict[str, tuple[str, dict[str, Any]]] = {
    "shares of caches": (
        "--edit --cputune cachetune0.vcpus=0,cachetune0.cache0.id=0,cachetune0.cache0.level=3,"
        "cachetune0.cache0.type=both,cachetune0.cache0.size=3072,cachetune0.cache0.unit=KiB,"
        "cachetune0.monitor0.level=3,cachetune0.monitor0.vcpus=0",
        {
            "cputune": {
                "caches": [
                    {
                        "vcpus": "0",
                        "caches": [{"id": 0, "level": 3, "kind": "both", "size_kib": 3072}],
                        "monitors": [{"level": 3, "vcpus": "0"}],
                    }
                ]
            }
        },
    ),
    "shares of bandwidth": (
        "--edit --cputune memorytune0.vcpus=0-1,memorytune0.node0.id=0,memorytune0.node0.bandwidth=60,"
        "xpath0.set=./memorytune/monitor[1]/@vcpus,xpath0.value=1",
        {
            "cputune": {
                "bandwidths": [{"vcpus": "0-1", "nodes": [{"node": 0, "percent": 60}], "monitors": [{"vcpus": "1"}]}]
            }
        },
    ),
}
"""What only a host on KVM takes whose kernel shares out caches (resctrl)."""


@pytest.fixture(scope="module")
def trial(session_bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    cases = {name: Case(words, body) for name, (words, body) in CASES.items()}
    with tried(session_bed, tmp_path_factory.mktemp("site"), cases) as made:
        yield made


@pytest.mark.parametrize("case", CASES)
def test_our_change_is_that_of_virt_xml(trial: Trial, case: str) -> None:
    assert trial.ours[case] != text(trial.base)
    assert trial.theirs[case] == trial.ours[case]


@pytest.mark.parametrize("case", CASES)
def test_the_command_shown_makes_the_same_change(trial: Trial, case: str) -> None:
    assert trial.shown[case] == trial.ours[case]


@pytest.mark.parametrize("case", ELSEWHERE)
def test_what_this_host_has_not_is_written_as_virt_xml_does(trial: Trial, case: str) -> None:
    words, changes = ELSEWHERE[case]
    root = parse(trial.base)
    shown = [*options(changes, describe(root))]
    Definition.patch(root, changes)
    theirs, ours = trial.printed([(trial.base, [shlex.split(words)]), (trial.base, shown)])
    assert text(dump(root)) != text(trial.base)
    assert (text(theirs), text(ours)) == (text(dump(root)),) * 2
