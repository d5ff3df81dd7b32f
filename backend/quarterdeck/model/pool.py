"""Storage pools by type: one declaration gives the form, the check, the XML and virsh's words of each."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from quarterdeck.model.create import Folder
from quarterdeck.model.patterns import ZFS_NAME
from quarterdeck.model.xml import At, XmlText

from .pool_parts import (
    Buildable,
    Device,
    Format,
    HasFolder,
    HasLogin,
    HasServer,
    HostName,
    Iqn,
    Label,
    PlainName,
    PoolSettings,
    Port,
    Server,
    Version,
    Word,
    Wwn,
)


class DirPool(HasFolder):
    """A folder of the host."""

    words: ClassVar[str] = "Folder"
    about: ClassVar[str] = "Disk images as files in a folder of the host."
    type: Annotated[Literal["dir"], At("@type")]


class FsPool(HasFolder, Buildable):
    """A file system on a device of the host."""

    words: ClassVar[str] = "File system on a device"
    about: ClassVar[str] = "A partition or disk of the host is mounted, and images are files on it."
    type: Annotated[Literal["fs"], At("@type")]
    source_device: Annotated[Device, At("source/device/@path", title="Device", help="Such as /dev/sdb1.")]
    source_format: Annotated[Format, At("source/format/@type", title="File system")] = "auto"


class NetfsPool(HasFolder, HasServer):
    """A folder that a file server exports."""

    words: ClassVar[str] = "Network folder (NFS, Gluster, CIFS)"
    about: ClassVar[str] = "A server's folder is mounted. The same pool on several hosts lets machines move quickly."
    port: ClassVar[int | None] = 2049
    ports: ClassVar[Mapping[str, int]] = {"glusterfs": 24007, "cifs": 445}
    type: Annotated[Literal["netfs"], At("@type")]
    source_path: Annotated[
        Folder, At("source/dir/@path", title="Folder on the server", help="For Gluster /VOLUME, for CIFS /SHARE.")
    ]
    source_format: Annotated[
        Literal["nfs", "auto", "glusterfs", "cifs"], At("source/format/@type", title="Protocol")
    ] = "nfs"
    source_protocol_ver: Annotated[
        Version | None,
        At("source/protocol/@ver", title="NFS version", since="4.5.0"),
    ] = None

    def servers(self) -> list[Server]:
        """The server at the port of its protocol."""
        return [("/source_host", self.source_host, self.ports.get(self.source_format, 2049))]


class LogicalPool(Buildable):
    """A volume group of LVM."""

    words: ClassVar[str] = "LVM volume group"
    about: ClassVar[str] = "Each disk is a logical volume: quick, raw, all its space taken at once."
    type: Annotated[Literal["logical"], At("@type")]
    source_name: Annotated[Word, At("source/name", title="Volume group")]
    source_devices: Annotated[
        tuple[Device, ...],
        At("source/device/@path", title="Devices", help="Needed only where the volume group is to be made."),
    ] = ()
    source_format: Annotated[Literal["lvm2"], At("source/format/@type")] = "lvm2"
    path: Annotated[Folder | None, At("target/path", title="Where the volumes appear")] = None

    def definition(self) -> dict[str, Any]:
        """The values that go into the XML; libvirt's schema wants the folder, which LVM gives."""
        return super().definition() | {"path": self.path or f"/dev/{self.source_name}"}


class DiskPool(Buildable):
    """A disk of the host that is cut into partitions."""

    words: ClassVar[str] = "Disk with partitions"
    about: ClassVar[str] = "Each disk of a machine is a partition of one physical disk."
    type: Annotated[Literal["disk"], At("@type")]
    source_device: Annotated[Device, At("source/device/@path", title="Disk", help="The whole disk, such as /dev/sdb.")]
    source_format: Annotated[Label, At("source/format/@type", title="Partition table")] = "gpt"
    path: Annotated[Folder, At("target/path", title="Where the partitions appear")] = "/dev"


class IscsiPool(HasServer, HasLogin):
    """The disks of an iSCSI target, logged in by the host."""

    words: ClassVar[str] = "iSCSI target"
    about: ClassVar[str] = "The disks of a target on the network; they are made on its server, not here."
    port: ClassVar[int | None] = 3260
    login: ClassVar[str] = "chap"
    type: Annotated[Literal["iscsi"], At("@type")]
    source_port: Annotated[Port | None, At("source/host/@port", title="Port", help="3260 if left out.")] = None
    source_device: Annotated[Iqn, At("source/device/@path", title="Target (IQN)")]
    source_initiator: Annotated[Iqn | None, At("source/initiator/iqn/@name", title="Name of this host (IQN)")] = None
    path: Annotated[Folder, At("target/path", title="Where the disks appear")] = "/dev/disk/by-path"


class IscsiDirectPool(HasServer, HasLogin):
    """The disks of an iSCSI target, spoken to by QEMU itself."""

    words: ClassVar[str] = "iSCSI target, without the host's kernel"
    about: ClassVar[str] = "QEMU speaks to the target itself; the host needs no iSCSI tools."
    port: ClassVar[int | None] = 3260
    login: ClassVar[str] = "chap"
    type: Annotated[Literal["iscsi-direct"], At("@type")]
    source_port: Annotated[Port | None, At("source/host/@port", title="Port", help="3260 if left out.")] = None
    source_device: Annotated[Iqn, At("source/device/@path", title="Target (IQN)")]
    source_initiator: Annotated[Iqn, At("source/initiator/iqn/@name", title="Name of this host (IQN)")]


class ScsiPool(PoolSettings):
    """The disks behind a SCSI or Fibre Channel adapter."""

    words: ClassVar[str] = "SCSI or Fibre Channel adapter"
    about: ClassVar[str] = "All disks that an adapter of the host sees."
    type: Annotated[Literal["scsi"], At("@type")]
    adapter: Annotated[Literal["scsi_host", "fc_host"], At("source/adapter/@type", title="Kind of adapter")] = (
        "scsi_host"
    )
    adapter_name: Annotated[
        Word | None,
        At("source/adapter/@name", when="adapter=scsi_host", title="Adapter", help="Such as scsi_host2."),
    ] = None
    adapter_parent: Annotated[
        Word | None, At("source/adapter/@parent", when="adapter=fc_host", title="Parent of the virtual port")
    ] = None
    adapter_wwnn: Annotated[
        Wwn | None, At("source/adapter/@wwnn", when="adapter=fc_host", title="WWNN", help="16 hexadecimal digits.")
    ] = None
    adapter_wwpn: Annotated[
        Wwn | None, At("source/adapter/@wwpn", when="adapter=fc_host", title="WWPN", help="16 hexadecimal digits.")
    ] = None
    path: Annotated[Folder, At("target/path", title="Where the disks appear")] = "/dev/disk/by-path"


class MpathPool(PoolSettings):
    """The multipath devices of the host."""

    words: ClassVar[str] = "Multipath devices"
    about: ClassVar[str] = "All multipath devices of the host; a host can have one such pool."
    type: Annotated[Literal["mpath"], At("@type")]
    path: Annotated[Folder, At("target/path", title="Where the devices appear")] = "/dev/mapper"


class ZfsPool(Buildable):
    """A ZFS pool or dataset."""

    words: ClassVar[str] = "ZFS"
    about: ClassVar[str] = "Each disk is a ZFS volume."
    type: Annotated[Literal["zfs"], At("@type")]
    source_name: Annotated[
        Annotated[XmlText, Field(pattern=ZFS_NAME, max_length=255)],
        At("source/name", title="ZFS pool or dataset"),
    ]
    source_devices: Annotated[
        tuple[Device, ...],
        At("source/device/@path", title="Devices", help="Needed only where the ZFS pool is to be made."),
    ] = ()


class RbdPool(HasLogin):
    """A pool of a Ceph cluster."""

    words: ClassVar[str] = "Ceph RBD"
    about: ClassVar[str] = "Each disk is an image in a pool of a Ceph cluster."
    login: ClassVar[str] = "ceph"
    usage: ClassVar[str] = "ceph"
    type: Annotated[Literal["rbd"], At("@type")]
    source_hosts: Annotated[
        tuple[HostName, ...],
        Field(min_length=1),
        At("source/host/@name", title="Monitors", help="Host names or addresses of the cluster's monitors."),
    ]
    source_name: Annotated[PlainName, At("source/name", title="Pool in the cluster")]

    def servers(self) -> list[Server]:
        """The monitors, at the ports of both versions of their protocol."""
        return [(f"/source_hosts/{n}", host, port) for n, host in enumerate(self.source_hosts) for port in (3300, 6789)]

    def secret_value(self) -> bytes | None:
        """The key, which Ceph writes in Base64 and libvirt keeps as it is."""
        text = super().secret_value()
        try:
            return base64.b64decode(text, validate=True) if text else None
        except ValueError as error:
            raise ValueError("The password of a Ceph user is its key in Base64, as in its keyring.") from error


class GlusterPool(HasServer):
    """A Gluster volume, spoken to by QEMU itself."""

    words: ClassVar[str] = "Gluster volume, without a mount"
    about: ClassVar[str] = "QEMU speaks to the Gluster servers itself."
    port: ClassVar[int | None] = 24007
    type: Annotated[Literal["gluster"], At("@type")]
    source_name: Annotated[PlainName, At("source/name", title="Gluster volume")]
    source_path: Annotated[Folder | None, At("source/dir/@path", title="Folder in the volume")] = None


class VstoragePool(HasFolder):
    """A Virtuozzo storage cluster."""

    words: ClassVar[str] = "Virtuozzo storage"
    about: ClassVar[str] = "Images as files in a Virtuozzo storage cluster."
    type: Annotated[Literal["vstorage"], At("@type")]
    source_name: Annotated[Word, At("source/name", title="Cluster")]


PoolCreate = Annotated[
    DirPool
    | FsPool
    | NetfsPool
    | LogicalPool
    | DiskPool
    | IscsiPool
    | IscsiDirectPool
    | ScsiPool
    | MpathPool
    | ZfsPool
    | RbdPool
    | GlusterPool
    | VstoragePool,
    Field(discriminator="type"),
]
"""A pool by its type."""

TYPES: Mapping[str, type[PoolSettings]] = {
    "dir": DirPool,
    "netfs": NetfsPool,
    "logical": LogicalPool,
    "iscsi": IscsiPool,
    "fs": FsPool,
    "disk": DiskPool,
    "zfs": ZfsPool,
    "rbd": RbdPool,
    "gluster": GlusterPool,
    "iscsi-direct": IscsiDirectPool,
    "scsi": ScsiPool,
    "mpath": MpathPool,
    "vstorage": VstoragePool,
}
VIRSH = {
    "path": "--target",
    "source_host": "--source-host",
    "source_path": "--source-path",
    "source_device": "--source-dev",
    "source_name": "--source-name",
    "source_format": "--source-format",
    "source_initiator": "--source-initiator",
    "source_protocol_ver": "--source-protocol-ver",
    "username": "--auth-username",
    "secret": "--secret-uuid",
    "auth": "--auth-type",
    "adapter_name": "--adapter-name",
    "adapter_parent": "--adapter-parent",
    "adapter_wwnn": "--adapter-wwnn",
    "adapter_wwpn": "--adapter-wwpn",
}
"""The options of `virsh pool-define-as`; what is missing here it cannot say."""
DISCOVERS = ("netfs", "iscsi", "logical", "gluster")
"""Types of which libvirt finds what there is."""
DEVICES: Mapping[str, str] = {"disk": "storage", "fs": "storage", "scsi": "scsi_host"}
"""Types that stand on a device of the host, and libvirt's word for what such a one can do."""
