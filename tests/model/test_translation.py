"""What of other products' machines has no counterpart here is told by name, with what it means."""

from __future__ import annotations

import pytest

from quarterdeck.model.appliance import Appliance, ApplianceDisk, create_body, fit_limits, told
from quarterdeck.model.ovf import read_ovf
from quarterdeck.model.vmx import read_vmx

VMX = """
config.version = "8"
virtualHW.version = "19"
displayName = "All of it"
guestOS = "debian11-64"
memsize = "2048"
numvcpus = "6"
cpuid.coresPerSocket = "4"
firmware = "efi"
uefi.secureBoot.enabled = "TRUE"
vtpm.present = "TRUE"
vhv.enable = "TRUE"
mks.enable3d = "TRUE"
scsi0.present = "TRUE"
scsi0.virtualDev = "lsilogic"
scsi1.present = "TRUE"
scsi1.virtualDev = "pvscsi"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "boot.vmdk"
scsi1:0.present = "TRUE"
scsi1:0.fileName = "data.vmdk"
scsi1:0.mode = "independent-persistent"
scsi1:1.present = "TRUE"
scsi1:1.fileName = "kiosk.vmdk"
scsi1:1.mode = "independent-nonpersistent"
nvme0.present = "TRUE"
nvme0:0.present = "TRUE"
nvme0:0.fileName = "fast.vmdk"
ide0:0.present = "TRUE"
ide0:0.fileName = "old.vmdk"
ide1:0.present = "TRUE"
ide1:0.deviceType = "cdrom-image"
ide1:0.fileName = "/isos/setup.iso"
sata0:1.present = "TRUE"
sata0:1.deviceType = "cdrom-raw"
sata0:1.fileName = "auto detect"
ethernet0.present = "TRUE"
ethernet0.networkName = "DMZ"
ethernet1.present = "TRUE"
ethernet1.connectionType = "nat"
serial0.present = "TRUE"
serial0.fileType = "file"
serial0.fileName = "log.txt"
serial1.present = "FALSE"
parallel0.present = "TRUE"
parallel0.fileName = "/dev/parport0"
floppy0.present = "TRUE"
floppy0.fileName = "keys.flp"
sound.present = "TRUE"
sound.virtualDev = "hdaudio"
usb.present = "TRUE"
usb_xhci.present = "TRUE"
sharedFolder0.present = "TRUE"
sharedFolder0.hostPath = "/home/me/shop"
pciPassthru0.present = "TRUE"
sched.cpu.max = "2000"
sched.mem.min = "0"
guestinfo.userdata = "I2Nsb3VkLWNvbmZpZwo="
guestinfo.detailed.data = "x"
checkpoint.vmState = "all.vmss"
hypervisor.cpuid.v0 = "FALSE"
"""
OF_VMWARE = [
    "CPU topology: 6 vCPUs do not fill sockets of 4 cores",
    "It boots by UEFI, with fresh variables",
    "Secure Boot stays on",
    "Its TPM is a new, empty one",
    "Virtualization within it:",
    "3D graphics: left out",
    "Its controllers scsi0, scsi1 fall away",
    "3 disks of SCSI: attached by virtio",
    "1 disk of NVME: attached by virtio",
    "data.vmdk stayed out of snapshots there",
    "kiosk.vmdk forgot what was written",
    "CD-ROM drive ide1:0 (setup.iso): left out",
    "CD-ROM drive sata0:1: left out",
    "on “DMZ”, “nat” there",
    "Serial port serial0 (log.txt): left out",
    "Parallel port parallel0 (/dev/parport0): left out",
    "Floppy drive floppy0 (keys.flp): left out",
    "Sound card sound (hdaudio): left out",
    "USB controller usb: replaced",
    "USB controller usb_xhci: replaced",
    "Folder sharedfolder0 (/home/me/shop), shared with its host: left out",
    "Device of its host pcipassthru0: left out",
    "Limits (sched.cpu.max): set them anew",
    "(guestinfo): left out",
    "It was suspended",
    "Settings without a counterpart: hypervisor",
]
OVF = """<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
 xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:vbox="http://www.virtualbox.org/ovf/machine">
<References><File ovf:id="f1" ovf:href="a.vmdk"/><File ovf:id="f2" ovf:href="setup.iso"/></References>
<DiskSection><Disk ovf:diskId="d1" ovf:fileRef="f1" ovf:capacity="8388608"/></DiskSection>
<VirtualSystem ovf:id="all"><VirtualHardwareSection>
{items}
<vmw:Config vmw:key="firmware" vmw:value="efi"/><vmw:Config vmw:key="nestedHVEnabled" vmw:value="true"/>
<vmw:Config vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>
</VirtualHardwareSection>
<vbox:Machine name="all"><Hardware><TrustedPlatformModule type="v2_0"/><Display accelerate3D="true"/>
<UART><Port slot="0" enabled="true" path="/tmp/s"/><Port slot="1" enabled="false"/></UART>
<LPT><Port slot="0" enabled="true" path="/dev/parport0"/></LPT>
<SharedFolders><SharedFolder name="shop" hostPath="/home/me/shop"/></SharedFolders></Hardware></vbox:Machine>
</VirtualSystem></Envelope>"""
ITEMS = [
    (3, "6 CPUs", {"VirtualQuantity": "6", "CoresPerSocket": "4"}),
    (4, "Memory", {"VirtualQuantity": "2048", "AllocationUnits": "byte * 2^20"}),
    (6, "SCSI 0", {"ResourceSubType": "lsilogic"}),
    (6, "SCSI 1", {"ResourceSubType": "VirtualSCSI"}),
    (20, "NVMe 0", {"ResourceSubType": "vmware.nvme.controller"}),
    (17, "Disk 1", {"Parent": "4", "HostResource": "ovf:/disk/d1"}),
    (15, "CD 1", {"HostResource": "ovf:/file/f2"}),
    (10, "Card 1", {"Connection": "VM Network", "ResourceSubType": "E1000"}),
    (14, "Floppy 0", {}),
    (21, "Serial 0", {}),
    (22, "Parallel 0", {}),
    (23, "USB 0", {"ResourceSubType": "vmware.usb.ehci"}),
    (24, "Video", {}),
    (35, "Sound", {"ResourceSubType": "ensoniq1371"}),
    (1, "VMCI", {"ResourceSubType": "vmware.vmci"}),
]
OF_OVF = [
    "CPU topology: 6 vCPUs do not fill sockets of 4 cores",
    "It boots by UEFI, with fresh variables",
    "Secure Boot stays on",
    "Its TPM is a new, empty one",
    "Virtualization within it:",
    "3D graphics: left out",
    "Its controllers SCSI 0, SCSI 1 fall away",
    "1 disk of NVMe: attached by virtio",
    "CD-ROM drive CD 1 (setup.iso): left out",
    "on “VM Network” there",
    "Serial port Serial 0: left out",
    "Serial port 0 (/tmp/s): left out",
    "Parallel port Parallel 0: left out",
    "Parallel port 0 (/dev/parport0): left out",
    "Floppy drive Floppy 0: left out",
    "Sound card Sound (ensoniq1371): left out",
    "USB controller USB 0 (vmware.usb.ehci): replaced",
    "Graphics adapter Video: replaced",
    "Folder shop (/home/me/shop), shared with its host: left out",
    "Device VMCI (vmware.vmci): not known here",
]


def envelope() -> str:
    """All that is translated and all that is not, as VMware and VirtualBox write it."""
    items = [
        f"<Item><rasd:InstanceID>{number}</rasd:InstanceID><rasd:ResourceType>{kind}</rasd:ResourceType>"
        f"<rasd:ElementName>{name}</rasd:ElementName>"
        + "".join(f"<rasd:{key}>{value}</rasd:{key}>" for key, value in more.items())
        + "</Item>"
        for number, (kind, name, more) in enumerate(ITEMS)
    ]
    return OVF.format(items="".join(items))


@pytest.mark.parametrize(("made", "wanted"), [(read_vmx(VMX), OF_VMWARE), (read_ovf(envelope()), OF_OVF)])
def test_each_part_that_is_not_taken_over_as_it_was_is_told(made: Appliance, wanted: list[str]) -> None:
    notes = [note.text for note in [*made.notes, *told(made)]]
    assert [words for words in wanted if not any(words in note for note in notes)] == []
    missed = [note for note in notes if not any(words in note for words in wanted)]
    assert all(note.startswith(("Network card", "2 disks of IDE")) for note in missed), "what else is told stands above"


def test_cards_without_a_network_are_kept_and_lead_nowhere() -> None:
    body = create_body(
        read_vmx(VMX + 'ethernet0.generatedAddress = "00:0C:29:11:22:33"\n'), "default", list("abcde"), None
    )
    assert body["nics"] == []
    first, second = body["devices"]
    assert (first["mac"], first["link"], first["source"]) == ("00:0c:29:11:22:33", "down", {"type": "ethernet"})
    assert "mac" not in second
    body = create_body(read_vmx(VMX), "default", list("abcde"), {"bridge": "br0"})
    assert ([nic["bridge"] for nic in body["nics"]], "devices" in body) == (["br0", "br0"], False)


def test_sizes_that_no_machine_can_have_are_told_before_anything_is_converted() -> None:
    made = Appliance(name="huge", memory_mib=999_999_999_999, vcpus=99_999, cores=3)
    fit_limits(made)
    assert (made.memory_mib, made.vcpus, made.cores) == (None, 1, None)
    assert [note.text.split(",")[0] for note in made.notes] == ["Its memory", "Its 99"], made.notes
    made.disks = [ApplianceDisk(file="", capacity_bytes=1 << 60), ApplianceDisk(file="", capacity_bytes=1 << 40)]
    fit_limits(made)
    assert ["more than a disk can have" in (disk.problem or "") for disk in made.disks] == [True, False]
