"""Our changes of devices beside those of the real virt-xml, on a real host: the same definition after both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.qemu.bed import Bed
from tests.qemu.trial import Case, Trial, text, tried

MORE = """
<controller type='scsi' index='0' model='virtio-scsi'/>
<filesystem type='mount' accessmode='mapped'><source dir='/srv/a'/><target dir='a'/></filesystem>
<interface type='network'><mac address='52:54:00:aa:bb:02'/><source network='default'/><model type='e1000e'/>
</interface>
<serial type='unix'><source mode='bind' path='/run/a.sock'/><target type='isa-serial' port='1'/></serial>
<parallel type='file'><source path='/tmp/printed'/></parallel>
<channel type='pty'><target type='virtio' name='org.example.a'/></channel>
<input type='keyboard' bus='usb'/>
<sound model='ich9'><audio id='1'/></sound>
<watchdog model='i6300esb' action='reset'/>
<hostdev mode='subsystem' type='usb'><source><vendor id='0x046d'/><product id='0xc52b'/></source></hostdev>
<redirdev bus='usb' type='tcp'><source mode='connect' host='127.0.0.1' service='4000'/></redirdev>
<tpm model='tpm-tis'><backend type='emulator' version='2.0'/></tpm>
<vsock model='virtio'><cid auto='no' address='7'/></vsock>
<panic model='isa'/>
<shmem name='lab'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>
"""
MAC = "52:54:00:aa:bb:09"
NIC = "interface-525400aabb02"


def add(words: str, **body: Any) -> Case:
    return Case(f"--add-device {words}", body, "POST", "/devices")


def edit(words: str, device: str, **body: Any) -> Case:
    return Case(f"--edit {words}", body, "PATCH", f"/devices/{device}")


def remove(words: str, device: str) -> Case:
    return Case(f"--remove-device {words}", None, "DELETE", f"/devices/{device}")


CASES: dict[str, Case] = {
    "disk": add(
        "--disk path=/var/lib/libvirt/images/new.qcow2,bus=virtio,cache=none,io=native,discard=unmap,serial=A1",
        **{"type": "disk", "path": "/var/lib/libvirt/images/new.qcow2", "bus": "virtio", "cache": "none"},
        **{"io": "native", "discard": "unmap", "serial": "A1"},
    ),
    "disk of a pool": add(
        "--disk vol=default/new.qcow2,bus=scsi,readonly=on,driver.iothread=,xpath0.set=./target/@rotation_rate,"
        "xpath0.value=1",
        **{"type": "disk", "pool": "default", "volume": "new.qcow2", "bus": "scsi", "readonly": True},
        rotation_rate=1,
    ),
    "disk at a server": add(
        "--disk source.protocol=rbd,source.name=pool/image,source.host0.name=mon.example.org,source.host0.port=6789,"
        "bus=virtio,format=raw,"
        "xpath0.set=./source/auth/@username,xpath0.value=me,xpath1.set=./source/auth/secret/@type,xpath1.value=ceph,"
        "xpath2.set=./source/auth/secret/@usage,xpath2.value=ceph",
        type="disk",
        bus="virtio",
        source={
            **{"protocol": "rbd", "name": "pool/image", "hosts": [{"name": "mon.example.org", "port": 6789}]},
            **{"username": "me", "secret_type": "ceph", "secret_usage": "ceph"},
        },
    ),
    "drive": add("--disk device=cdrom,bus=sata", type="disk", device="cdrom", bus="sata"),
    "floppy": add("--disk device=floppy,bus=fdc", type="disk", device="floppy", bus="fdc"),
    "settings of a disk": edit(
        "target=vda --disk cache=writeback,io=threads,discard=ignore,detect_zeroes=on,serial=S1,error_policy=report,"
        "shareable=off,xpath0.set=./driver/@rerror_policy,xpath0.value=stop,"
        "driver.copy_on_read=on,driver.queues=2",
        "disk-vda",
        **{"cache": "writeback", "io": "threads", "discard": "ignore", "detect_zeroes": "on", "serial": "S1"},
        **{"error_policy": "report", "shareable": False, "rerror_policy": "stop", "copy_on_read": True, "queues": 2},
    ),
    "limits of a disk": edit(
        "target=vda --disk iotune.total_bytes_sec=1000000,iotune.read_iops_sec=100,iotune.write_iops_sec=50",
        "disk-vda",
        iotune={"total_bytes_sec": 1000000, "read_iops_sec": 100, "write_iops_sec": 50},
    ),
    "bus of a disk": edit(
        "target=vda --disk bus=sata,target.dev=sdc,cache=,io=,xpath0.delete=./address",
        "disk-vda",
        bus="sata",
        cache=None,
        io=None,
    ),
    "medium": edit(
        "target=sdb --disk path=/var/lib/libvirt/images/other.iso,startup_policy=optional",
        "disk-sdb",
        source={"path": "/var/lib/libvirt/images/other.iso"},
        startup_policy="optional",
    ),
    "no medium": edit("target=sda --disk path=", "disk-sda", source=None),
    "no disk": remove("--disk target=vda", "disk-vda"),
    "nic": add(
        f"--network network=default,model=e1000e,mac={MAC},link.state=down,mtu.size=1400",
        **{"type": "interface", "source": {"network": "default"}, "model": "e1000e", "mac": MAC},
        **{"link": "down", "mtu": 1400},
    ),
    "nic on an interface of the host": add(
        f"--network type=direct,source=lo,source.mode=vepa,model=virtio,mac={MAC},trustGuestRxFilters=yes",
        **{"type": "interface", "source": {"type": "direct", "dev": "lo", "mode": "vepa"}, "model": "virtio"},
        **{"mac": MAC, "trust_guest_rx_filters": True},
    ),
    "settings of a nic": edit(
        f"mac=52:54:00:aa:bb:02 --network model=virtio,mac={MAC},driver.queues=2,filterref.filter=clean-traffic",
        NIC,
        **{"model": "virtio", "mac": MAC, "queues": 2, "filter": "clean-traffic"},
    ),
    "other network": edit(
        "mac=52:54:00:aa:bb:02 --network type=direct,xpath0.set=./source/@network=,xpath1.set=./source/@dev,"
        "xpath1.value=lo,source.mode=vepa",
        NIC,
        source={"type": "direct", "dev": "lo", "mode": "vepa"},
    ),
    "no nic": remove("--network mac=52:54:00:aa:bb:02", NIC),
    "display": add(
        "--graphics spice,listen=127.0.0.1,clipboard.copypaste=no,image.compression=off",
        **{"type": "graphics", "kind": "spice", "listen": "127.0.0.1", "clipboard": False},
        image_compression="off",
    ),
    "settings of a display": edit(
        "--graphics keymap=de,websocket=5701,xpath0.set=./@sharePolicy,xpath0.value=force-shared",
        "graphics-0",
        **{"keymap": "de", "websocket": 5701, "share_policy": "force-shared"},
    ),
    "address of a display": edit(
        "--graphics listen=0.0.0.0,listens0.type=address,listens0.address=0.0.0.0", "graphics-0", listen="0.0.0.0"
    ),
    "no display": remove("--graphics 1", "graphics-0"),
    "video": add("--video virtio,heads=2", type="video", model="virtio", heads=2),
    "settings of a video card": edit(
        "--video model=qxl,ram=65536,vram=32768,vgamem=16384",
        "video-0",
        **{"model": "qxl", "ram_kib": 65536, "vram_kib": 32768, "vgamem_kib": 16384},
    ),
    "sound": add("--sound model=ac97", type="sound", model="ac97"),
    "codec": edit("--sound codec0.type=duplex", "sound-0", codecs=["duplex"]),
    "no sound": remove("--sound 1", "sound-0"),
    "source of a disk": edit(
        "target=vda --disk path=/var/lib/libvirt/images/new.qcow2",
        "disk-vda",
        source={"path": "/var/lib/libvirt/images/new.qcow2"},
    ),
    "audio": Case(
        "--edit --audio type=file,xpath0.set=./@path,xpath0.value=/tmp/a.wav",
        {"type": "audio", "kind": "file", "path": "/tmp/a.wav"},
        "POST",
        "/devices",
    ),
    "input": add("--input type=keyboard,bus=virtio", type="input", kind="keyboard", bus="virtio"),
    "event device": add(
        "--input type=evdev,source.dev=/dev/input/event2,source.grab=all,source.repeat=on",
        **{"type": "input", "kind": "evdev", "device": "/dev/input/event2", "grab": "all", "repeat": True},
    ),
    "no input": remove("--input type=keyboard,bus=usb", "input-3"),
    "controller": add(
        "--controller type=scsi,model=virtio-scsi,index=1,driver.queues=2",
        **{"type": "controller", "kind": "scsi", "model": "virtio-scsi", "index": 1, "queues": 2},
    ),
    "port": add("--controller type=pci,model=pcie-root-port,index=13", type="controller", kind="pci"),
    "settings of a controller": edit(
        "type=scsi --controller driver.queues=4,driver.iothread=", "controller-scsi-0", queues=4
    ),
    "no controller": remove("--controller type=scsi", "controller-scsi-0"),
    "serial": add(
        "--serial tcp,source.mode=bind,source.host=127.0.0.1,source.service=2445,protocol.type=telnet",
        **{"type": "serial", "kind": "tcp", "source_mode": "bind", "source_host": "127.0.0.1"},
        **{"source_service": 2445, "protocol": "telnet"},
    ),
    "log of a serial port": edit(
        "2 --serial log.file=/var/log/a,log.append=on", "serial-1", log="/var/log/a", log_append=True
    ),
    "no serial": remove("--serial 2", "serial-1"),
    "parallel": add("--parallel dev,source.path=/dev/parport0", type="parallel", kind="dev", path="/dev/parport0"),
    "console": add("--console pty,target.type=virtio", type="console"),
    "channel": add(
        "--channel unix,source.mode=bind,source.path=/run/b.sock,target.type=virtio,target.name=org.example.b",
        **{"type": "channel", "kind": "unix", "path": "/run/b.sock", "name": "org.example.b"},
    ),
    "clipboard": add(
        "--channel qemu-vdagent,source.clipboard.copypaste=on,target.type=virtio,target.name=com.redhat.spice.0",
        **{"type": "channel", "kind": "qemu-vdagent", "clipboard": True, "name": "com.redhat.spice.0"},
    ),
    "no channel": remove("--channel target.name=org.example.a", "channel-1"),
    "usb device": add(
        "--hostdev type=usb,xpath0.set=./@mode,xpath0.value=subsystem,xpath1.set=./source/vendor/@id,"
        "xpath1.value=0x1234,xpath2.set=./source/product/@id,xpath2.value=0xabcd,"
        "xpath3.set=./source/@startupPolicy,xpath3.value=optional,xpath4.set=./@managed,xpath4.value=no",
        **{"type": "hostdev", "kind": "usb", "vendor": "0x1234", "product": "0xabcd"},
        startup_policy="optional",
    ),
    "pci device": add(
        "--hostdev type=pci,xpath0.set=./@mode,xpath0.value=subsystem,xpath1.set=./@managed,xpath1.value=yes,"
        "xpath2.set=./source/address/@bus,xpath2.value=0x09,xpath3.set=./source/address/@slot,xpath3.value=0x00,"
        "xpath4.set=./source/address/@function,xpath4.value=0x0,rom.bar=off",
        **{"type": "hostdev", "kind": "pci", "rom_bar": False},
        address={"domain": "0", "bus": "9", "slot": "0", "function": "0"},
    ),
    "no usb device": remove("--hostdev 1", "hostdev-0"),
    "folder": add(
        "--filesystem type=mount,source.dir=/srv/b,target.dir=b,accessmode=mapped,fmode=0640,dmode=0750,readonly=on,"
        "driver.type=path",
        **{"type": "filesystem", "driver": "path", "source": "/srv/b", "target": "b", "access_mode": "mapped"},
        **{"file_mode": "0640", "folder_mode": "0750", "readonly": True},
    ),
    "settings of a folder": edit(
        "--filesystem source.dir=/srv/c,multidevs=remap,driver.type=path",
        "filesystem-0",
        source="/srv/c",
        multidevs="remap",
    ),
    "no folder": remove("--filesystem 1", "filesystem-0"),
    "settings of a tpm": edit("--tpm model=tpm-crb", "tpm-0", model="tpm-crb"),
    "no tpm": remove("--tpm 1", "tpm-0"),
    "settings of an rng": edit("--rng rate.bytes=2048,rate.period=500", "rng-0", rate_bytes=2048, rate_period_ms=500),
    "no rng": remove("--rng 1", "rng-0"),
    "settings of a watchdog": edit("--watchdog action=pause", "watchdog-0", action="pause"),
    "no watchdog": remove("--watchdog 1", "watchdog-0"),
    "panic": add("--panic model=hyperv", type="panic", model="hyperv"),
    "no balloon": Case("--edit --memballoon clearxml=yes,model=none", None, "DELETE", "/devices/memballoon-0"),
    "no panic": remove("--panic 1", "panic-0"),
    "cid": edit("--vsock cid.address=8", "vsock-0", cid=8),
    "no vsock": remove("--vsock 1", "vsock-0"),
    "smart card": add(
        "--smartcard mode=passthrough,type=tcp,source.mode=bind,source.host=127.0.0.1,source.service=2001",
        **{"type": "smartcard", "mode": "passthrough", "kind": "tcp", "source_mode": "bind"},
        **{"source_host": "127.0.0.1", "source_service": 2001},
    ),
    "redirection": add(
        "--redirdev bus=usb,type=tcp,source.mode=connect,source.host=127.0.0.1,source.service=4001",
        **{"type": "redirdev", "kind": "tcp", "source_host": "127.0.0.1", "source_service": 4001},
    ),
    "no redirection": remove("--redirdev 1", "redirdev-0"),
    "iommu": add("--iommu model=virtio", type="iommu"),
    "shared memory": add(
        "--shmem name=bell,model.type=ivshmem-plain,size=8,size.unit=M", type="shmem", name="bell", size_mib=8
    ),
    "no shared memory": remove("--shmem 1", "shmem-0"),
    "settings of the balloon": edit(
        "--memballoon stats.period=7,autodeflate=on,freePageReporting=on",
        "memballoon-0",
        **{"stats_period_s": 7, "autodeflate": True, "free_page_reporting": True},
    ),
    "options of a virtio disk": edit(
        "target=vda --disk driver.iommu=on,driver.ats=on,driver.packed=on,driver.page_per_vq=on,snapshot=external,"
        "xpath0.set=./driver/@ioeventfd,xpath0.value=on,xpath1.set=./driver/@event_idx,xpath1.value=off,"
        "xpath2.set=./driver/metadata_cache/max_size,xpath2.value=1024,"
        "xpath3.set=./driver/metadata_cache/max_size/@unit,xpath3.value=KiB",
        "disk-vda",
        **{"virtio": {"iommu": True, "ats": True, "packed": True, "page_per_vq": True}, "snapshots": "external"},
        **{"io_event_fd": True, "event_index": False, "metadata_cache_kib": 1024},
    ),
    "encrypted disk": add(
        "--disk path=/var/lib/libvirt/images/new.qcow2,bus=virtio,xpath0.set=./source/encryption/@format,"
        "xpath0.value=luks,xpath1.set=./source/encryption/secret/@type,xpath1.value=passphrase,"
        "xpath2.set=./source/encryption/secret/@usage,xpath2.value=shop",
        **{"type": "disk", "path": "/var/lib/libvirt/images/new.qcow2", "bus": "virtio"},
        encryption={"format": "luks", "secret_usage": "shop"},
    ),
    "part of an image": edit(
        "target=vda --disk xpath0.set=./source/slices/slice/@type,xpath0.value=storage,"
        "xpath1.set=./source/slices/slice/@offset,xpath1.value=4096,"
        "xpath2.set=./source/slices/slice/@size,xpath2.value=1048576",
        "disk-vda",
        slice={"offset_bytes": 4096, "size_bytes": 1048576},
    ),
    "disk at a web server": add(
        "--disk device=cdrom,bus=sata,format=raw,source.protocol=https,source.name=a.iso,"
        "source.host0.name=web.example.org,source.host0.port=443,xpath0.set=./source/ssl/@verify,xpath0.value=no,"
        "xpath1.set=./source/timeout/@seconds,xpath1.value=30,xpath2.set=./source/readahead/@size,xpath2.value=65536",
        **{"type": "disk", "device": "cdrom", "bus": "sata"},
        source={
            **{"protocol": "https", "name": "a.iso", "hosts": [{"name": "web.example.org", "port": 443}]},
            **{"verify": False, "timeout_seconds": 30, "readahead_bytes": 65536},
        },
    ),
    "team": edit(
        "mac=52:54:00:aa:bb:02 --network model=virtio,xpath0.set=./teaming/@type,xpath0.value=persistent,"
        "xpath1.set=./coalesce/rx/frames/@max,xpath1.value=32,xpath2.set=./tune/sndbuf,xpath2.value=65536,"
        "xpath3.set=./alias/@name,xpath3.value=ua-525400aabb02",
        NIC,
        **{"model": "virtio", "teaming": {"role": "persistent"}, "coalesced_frames": 32},
        send_buffer_bytes=65536,
    ),
    "offloads": edit(
        "mac=52:54:00:aa:bb:02 --network model=virtio,driver.iommu=on,driver.packed=on,"
        "xpath0.set=./driver/@rss,xpath0.value=on,xpath1.set=./driver/@rss_hash_report,xpath1.value=off,"
        "xpath2.set=./driver/host/@csum,xpath2.value=off,xpath3.set=./driver/host/@mrg_rxbuf,xpath3.value=on,"
        "xpath4.set=./driver/guest/@tso4,xpath4.value=off,xpath5.set=./driver/guest/@ufo,xpath5.value=on",
        NIC,
        **{"model": "virtio", "virtio": {"iommu": True, "packed": True}, "rss": True, "rss_hash_report": False},
        **{"host_offloads": {"csum": False, "mrg_rxbuf": True}, "guest_offloads": {"tso4": False, "ufo": True}},
    ),
    "options of a controller": edit(
        "type=scsi --controller driver.iommu=on,driver.packed=on,xpath0.set=./driver/@ioeventfd,xpath0.value=on",
        "controller-scsi-0",
        **{"virtio": {"iommu": True, "packed": True}, "io_event_fd": True},
    ),
    "options of the balloon": edit(
        "--memballoon driver.iommu=on,driver.packed=on",
        "memballoon-0",
        virtio={"iommu": True, "packed": True},
    ),
    "options of an rng": edit("--rng driver.iommu=on,driver.ats=off", "rng-0", virtio={"iommu": True, "ats": False}),
    "options of a vsock": edit("--vsock driver.packed=on", "vsock-0", virtio={"packed": True}),
    "channels of a display": add(
        "--graphics spice,listen=127.0.0.1,defaultMode=insecure,zlib.compression=never,"
        "xpath0.set=./jpeg/@compression,xpath0.value=auto,xpath1.set=./playback/@compression,xpath1.value=off,"
        "xpath2.set=./channel[1]/@name,xpath2.value=main,xpath3.set=./channel[1]/@mode,xpath3.value=any",
        **{"type": "graphics", "kind": "spice", "listen": "127.0.0.1", "default_mode": "insecure", "zlib": "never"},
        **{"jpeg": "auto", "playback": False, "channels": [{"name": "main", "mode": "any"}]},
        image_compression="off",
    ),
    "sound of a display": edit("--graphics xpath0.set=./audio/@id,xpath0.value=1", "graphics-0", audio=1),
    "both directions of sound": edit(
        "--audio type=alsa,xpath0.set=./input/@dev,xpath0.value=plughw:1,xpath1.set=./input/@voices,xpath1.value=2,"
        "xpath2.set=./output/@fixedSettings,xpath2.value=yes,xpath3.set=./output/settings/@frequency,"
        "xpath3.value=44100,xpath4.set=./output/settings/@channels,xpath4.value=2,"
        "xpath5.set=./output/settings/@format,xpath5.value=s16,xpath6.set=./output/@mixingEngine,xpath6.value=yes",
        "audio-0",
        kind="alsa",
        input={"device": "plughw:1", "voices": 2},
        output={"fixed": True, "frequency_hz": 44100, "channels": 2, "format": "s16", "mixing": True},
    ),
    "rules of redirection": Case(
        "--edit --xml ./devices/redirfilter/usbdev[1]/@class=0x08 --xml ./devices/redirfilter/usbdev[1]/@allow=yes "
        "--xml ./devices/redirfilter/usbdev[2]/@allow=no",
        {"type": "redirfilter", "rules": [{"usb_class": "0x08", "allow": True}, {"allow": False}]},
        "POST",
        "/devices",
    ),
    "lease": Case(
        "--edit --xml ./devices/lease/lockspace=shop --xml ./devices/lease/key=disk1 "
        "--xml ./devices/lease/target/@path=/srv/leases --xml ./devices/lease/target/@offset=1024",
        {"type": "lease", "lockspace": "shop", "resource": "disk1", "path": "/srv/leases", "offset_bytes": 1024},
        "POST",
        "/devices",
    ),
}


@pytest.fixture(scope="module")
def trial(session_bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    with tried(session_bed, tmp_path_factory.mktemp("site"), CASES, MORE) as made:
        yield made


@pytest.mark.parametrize("case", CASES)
def test_our_change_is_that_of_virt_xml(trial: Trial, case: str) -> None:
    assert trial.ours[case] != text(trial.base)
    assert trial.theirs[case] == trial.ours[case]


@pytest.mark.parametrize("case", CASES)
def test_the_command_shown_makes_the_same_change(trial: Trial, case: str) -> None:
    assert trial.shown[case] == trial.ours[case]
