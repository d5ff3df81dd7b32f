"""Edits of settings: machine, what it is about, and the changes. See `goldens`."""

from __future__ import annotations

from typing import Any

HYPERV = {
    **{"mode": "custom", "relaxed": True, "vapic": True, "spinlocks": True, "spinlock_retries": 8191, "vpindex": True},
    **{"runtime": True, "synic": True, "stimer": True, "stimer_direct": True, "reset": True, "vendor_id": True},
    **{"vendor_id_value": "KVM Hv", "frequencies": True, "reenlightenment": True, "tlbflush": True, "ipi": True},
    **{"evmcs": True, "avic": True},
}
KVM = {
    **{"hidden": True, "hint_dedicated": True, "poll_control": True, "pv_ipi": True, "dirty_ring": True},
    "dirty_ring_size": 4096,
}
CACHE = {"associativity": "full", "policy": "writethrough", "size_kib": 16, "line_bytes": 64}
SETTINGS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "debian",
        "events",
        {
            "events": {
                **{"on_poweroff": "restart", "on_reboot": "restart", "on_crash": "preserve"},
                "on_lockfailure": "pause",
            },
            **{"machine": "pc-q35-6.2", "iothreads": 2},
            "power": {"suspend_to_mem": True, "suspend_to_disk": True},
        },
    ),
    ("debian", "emulator", {"emulator": "/usr/local/bin/qemu"}),
    ("numa", "slots", {"memory_hotplug_max_mib": 8192, "memory_slots": 4}),
    ("cloud", "kinds", {"boot": {"kinds": ("network", "hd")}}),
    (
        "debian",
        "boot",
        {
            "boot": {
                **{"menu": False, "menu_timeout_ms": 10000},
                **{"kernel": "/boot/vmlinuz", "initrd": "/boot/initrd", "cmdline": "console=ttyS0 quiet"},
                **{"dtb": "/boot/board.dtb", "serial_bios": True, "reboot_timeout_ms": 5000, "smbios": "sysinfo"},
            }
        },
    ),
    (
        "debian",
        "cpu",
        {
            **{"vcpus_max": 4, "vcpus": 2},
            "cpu": {
                **{"mode": "custom", "match": "exact", "check": "partial", "migratable": None, "model": "EPYC"},
                "fallback": "forbid",
                "topology": {"sockets": 2, "dies": 1, "cores": 2, "threads": 1},
                "features": ({"name": "svm", "policy": "disable"}, {"name": "x2apic", "policy": "require"}),
                "cache": {"mode": "emulate", "level": 3},
                "physical_address": {"mode": "emulate", "bits": 42},
                "cells": (
                    {
                        **{"id": 0, "cpus": "0-1", "memory_mib": 256, "access": "shared", "discard": True},
                        "distances": ({"id": 0, "value": 10}, {"id": 1, "value": 21}),
                    },
                    {"id": 1, "cpus": "2-3", "memory_mib": 256},
                ),
            },
        },
    ),
    ("numa", "fewer-cells", {"cpu": {"cells": ({"cpus": "0-3", "memory_mib": 2048},)}, "numatune": None}),
    (
        "hugepages",
        "backing",
        {
            "memory_backing": {
                **{"hugepages": True, "pages": ({"size_kib": 1048576, "nodeset": "0"},), "source": "file"},
                **{"access": "shared", "allocation": "immediate", "allocation_threads": 8},
                **{"locked": True, "no_ksm": True, "discard": True},
            }
        },
    ),
    (
        "debian",
        "clock",
        {
            "clock": {
                **{"offset": "timezone", "timezone": "Europe/Paris"},
                "timers": (
                    {
                        **{"name": "rtc", "present": True, "tickpolicy": "catchup", "track": "guest"},
                        **{"catchup_threshold": 123, "catchup_slew": 120, "catchup_limit": 10000},
                    },
                    {"name": "tsc", "frequency_hz": 2_000_000_000, "mode": "native"},
                ),
            }
        },
    ),
    ("debian", "later", {"clock": {"offset": "variable", "adjustment": "60", "basis": "utc"}}),
    ("debian", "fixed", {"clock": {"offset": "absolute", "start_epoch_seconds": 1000}}),
    (
        "debian",
        "features",
        {
            "features": {
                **{"acpi": True, "apic": True, "apic_eoi": True, "pae": True, "hap": True, "pvspinlock": True},
                **{"pmu": True, "vmport": True, "smm": True, "smm_tseg_mib": 16, "ioapic": "qemu", "vmcoreinfo": True},
                **{"unknown_msrs": "ignore", "tb_cache_mib": 256, "hyperv": HYPERV, "kvm": KVM},
            }
        },
    ),
    (
        "finetuned",
        "cells",
        {
            "cpu": {
                "cells": (
                    {
                        **{"id": 0, "cpus": "0-1", "memory_mib": 1024},
                        "caches": (CACHE | {"level": 1}, CACHE | {"level": 2, "line_bytes": 128}),
                    },
                    {"id": 1, "cpus": "2-3", "memory_mib": 1024, "caches": (CACHE | {"level": 1},)},
                ),
                "latencies": (
                    {"initiator": 0, "target": 1, "cache": None, "kind": "read", "value_ns": 20},
                    {"initiator": 0, "target": 1, "cache": 1, "kind": "write", "value_ns": 30},
                ),
                "bandwidths": ({"initiator": 0, "target": 1, "cache": 1, "kind": "read", "value_kib_s": 1 << 20},),
            }
        },
    ),
    ("finetuned", "no-ways", {"cpu": {"latencies": (), "bandwidths": ()}}),
    (
        "shares",
        "others",
        {
            "cputune": {
                "caches": (
                    {
                        "vcpus": "0",
                        "caches": (
                            {"id": 1, "level": 2, "kind": "code", "size_kib": 768},
                            {"id": 0, "level": 3, "kind": "data", "size_kib": 1536},
                        ),
                        "monitors": (),
                    },
                    {"vcpus": "1", "caches": (), "monitors": ({"level": 3, "vcpus": "1"},)},
                ),
                "bandwidths": (
                    {"vcpus": "2-3", "nodes": ({"node": 1, "percent": 30},), "monitors": ({"vcpus": "2-3"},)},
                ),
            }
        },
    ),
    ("windows", "bare", {"features": {"hyperv": None, "acpi": False}, "clock": {"timers": ()}}),
    (
        "debian",
        "tuning",
        {
            "cpuset": "0-3,^2",
            "cputune": {
                **{"shares": 2048, "period_us": 100000, "quota_us": -1, "global_period_us": 50000},
                **{"global_quota_us": 25000, "emulator_period_us": 60000, "emulator_quota_us": 30000},
                **{"iothread_period_us": 70000, "iothread_quota_us": 35000, "emulator_cpuset": "0-1"},
                "vcpu_pins": ({"vcpu": 0, "cpuset": "0"}, {"vcpu": 1, "cpuset": "1,3"}),
                "iothread_pins": ({"iothread": 1, "cpuset": "2"},),
                "schedulers": ({"vcpus": "0-1", "scheduler": "rr", "priority": 9},),
                "iothread_schedulers": ({"iothreads": "1", "scheduler": "fifo", "priority": 1},),
                "emulator_scheduler": {"scheduler": "rr", "priority": 3},
            },
            "memory_dump_core": True,
            "iothreads": 2,
            "iothread_ids": (
                {"id": 1, "thread_pool_min": 1, "thread_pool_max": 8},
                {"id": 2, "thread_pool_min": None, "thread_pool_max": 16},
            ),
            "default_iothread": {"thread_pool_min": 2, "thread_pool_max": 32},
            "memtune": {"hard_limit_mib": 2048, "soft_limit_mib": 1024, "swap_hard_limit_mib": 4096},
            "blkiotune": {
                "weight": 300,
                "devices": (
                    {
                        **{"path": "/dev/sda", "weight": 200, "read_bytes_s": 1000, "write_bytes_s": 2000},
                        **{"read_iops": 30, "write_iops": 40},
                    },
                ),
            },
            "resource": {"partition": "/machine/shop", "fibre_channel_appid": "shop"},
        },
    ),
    (
        "numa",
        "nodes",
        {
            "numatune": {
                **{"mode": "strict", "nodeset": "0-1", "placement": "static"},
                "cells": ({"cell": 0, "mode": "preferred", "nodeset": "1"},),
            }
        },
    ),
    (
        "debian",
        "sysinfo",
        {
            "fw_cfg": {
                "entries": (
                    {"name": "opt/com.coreos/config", "value": None, "file": "/srv/a.ign"},
                    {"name": "opt/org.example/hello", "value": "a & b", "file": None},
                )
            },
            "genid": "1f6bd8d8-9a0b-4b0e-8f41-2f0a5f3b2a11",
            "sysinfo": {
                **{"bios_vendor": "A & B", "bios_version": "1", "bios_date": "01/02/2024", "bios_release": "1.2"},
                **{"system_manufacturer": "ACME", "system_product": "Box", "system_version": "2"},
                **{"system_serial": "ds=nocloud;s=http://10.0.0.1/", "system_sku": "S", "system_family": "F"},
                **{"board_manufacturer": "ACME", "board_product": "Board", "board_version": "3", "board_serial": "B"},
                **{"board_asset": "7", "board_location": "left", "chassis_manufacturer": "ACME"},
                **{"chassis_version": "4", "chassis_serial": "C", "chassis_asset": "8", "chassis_sku": "9"},
                "oem_strings": ("one", "two <2>"),
            },
        },
    ),
    (
        "windows",
        "newer",
        {
            "features": {
                "hyperv": {
                    **{"tlbflush": True, "tlbflush_direct": True, "tlbflush_extended": True},
                    **{"emsr_bitmap": True, "xmm_input": True},
                },
                **{"async_teardown": True, "ps2": True, "ras": True},
            },
            "cpu": {
                "physical_address": {"mode": "passthrough", "bits": None, "limit": 40},
                "topology": {"clusters": 2, "cores": 2},
            },
        },
    ),
    (
        "debian",
        "snp",
        {
            "launch_security": {
                **{"type": "sev-snp", "policy": "0x30000", "author_key": True, "vcek": True, "host_data": "AAAA"},
                **{"guest_visible_workarounds": "BBBB", "id_block": "CCCC", "id_auth": "DDDD"},
            },
            "perf": {"events": ({"name": "cpu_cycles", "enabled": True}, {"name": "cmt", "enabled": False})},
        },
    ),
    (
        "debian",
        "tdx",
        {
            "launch_security": {
                **{"type": "tdx", "policy": "0x10000000", "config_id": "AAAA", "owner": "BBBB", "owner_config": "CCCC"},
                "quote_service": "/run/tdx-qgs/qgs.socket",
            },
            "key_wrap": {"aes": True, "dea": True},
        },
    ),
    (
        "debian",
        "security",
        {
            "security_labels": (
                {"type": "static", "model": "dac", "relabel": True, "label": "+107:+107"},
                {"type": "dynamic", "model": "selinux", "base_label": "system_u:system_r:svirt_t:s0"},
            ),
            "launch_security": {
                **{"type": "sev", "policy": "0x0003", "cbitpos": 47, "reduced_phys_bits": 1, "kernel_hashes": True},
                **{"dh_certificate": "AAAA", "session": "BBBB"},
            },
        },
    ),
    (
        "debian",
        "arguments",
        {
            "qemu_commandline": {
                "arguments": ("-global", "ICH9-LPC.disable_s3=0,x='a b'"),
                "environment": ({"name": "QEMU_AUDIO_DRV", "value": "none"},),
            }
        },
    ),
]
