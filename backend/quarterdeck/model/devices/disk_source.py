"""Where the content of a disk lies, which part of it is shown, and how it is encrypted."""

from __future__ import annotations

from typing import Annotated, Literal

from ..patterns import OWNER, PATH, SERVER, UUID
from ..xml import Apply, At, XmlModel

Protocol = Literal["rbd", "iscsi", "nbd", "http", "https", "ftp", "ftps", "ssh", "nfs", "gluster"]
FETCHED = "protocol=http,https,ftp,ftps"


class DiskHost(XmlModel):
    """A server of a network disk."""

    name: Annotated[str | None, At("@name", pattern=SERVER, help="Name or address of the server")] = None
    port: Annotated[int | None, At("@port", minimum=1, maximum=65535)] = None
    transport: Annotated[Literal["tcp", "unix", "rdma"] | str | None, At("@transport")] = None
    socket: Annotated[str | None, At("@socket", when="transport=unix", help="Path of the socket on the host")] = None


class DiskSource(XmlModel):
    """Where the content lies; all but `type` is None for an empty drive."""

    type: Annotated[Literal["file", "block", "volume", "network"] | str | None, At("@type", asked=False)] = None
    file: Annotated[str | None, At("source/@file", apply=Apply.LIVE, asked=False, help="Path of the image")] = None
    dev: Annotated[str | None, At("source/@dev", asked=False, help="Path of the block device on the host")] = None
    pool: Annotated[str | None, At("source/@pool", asked=False, help="Pool of the volume")] = None
    volume: Annotated[str | None, At("source/@volume", asked=False, help="Name of the volume in its pool")] = None
    protocol: Annotated[Protocol | str | None, At("source/@protocol", help="How a network disk is reached")] = None
    name: Annotated[str | None, At("source/@name", help="Name of the image at its servers: pool/image, export")] = None
    hosts: Annotated[tuple[DiskHost, ...], At("source/host", title="Servers")] = ()
    query: Annotated[str | None, At("source/@query", advanced=True, help="What follows the ? of an address")] = None
    tls: Annotated[bool | None, At("source/@tls", words="yesno", advanced=True, title="TLS", when="protocol=nbd")] = (
        None
    )
    username: Annotated[str | None, At("source/auth/@username", title="User", help="For RBD and iSCSI")] = None
    secret_type: Annotated[
        Literal["ceph", "iscsi"] | str | None,
        At("source/auth/secret/@type", when="username", help="Kind of libvirt's secret"),
    ] = None
    secret_usage: Annotated[
        str | None, At("source/auth/secret/@usage", when="username", help="Name of libvirt's secret with the password")
    ] = None
    initiator: Annotated[
        str | None, At("source/initiator/iqn/@name", when="protocol=iscsi", advanced=True, title="Initiator name")
    ] = None
    tls_name: Annotated[
        str | None,
        At(
            "source/@tlsHostname",
            when="tls",
            advanced=True,
            since="8.2.0",
            pattern=SERVER,
            title="Name in the certificate",
            help="Where it is not that of the server",
        ),
    ] = None
    verify: Annotated[
        bool | None,
        At(
            "source/ssl/@verify",
            words="yesno",
            when="protocol=https,ftps",
            advanced=True,
            since="6.2.0",
            title="Look at the certificate",
        ),
    ] = None
    readahead_bytes: Annotated[
        int | None,
        At(
            "source/readahead/@size",
            when=FETCHED,
            advanced=True,
            since="6.2.0",
            minimum=1,
            maximum=1 << 30,
            title="Read ahead",
        ),
    ] = None
    timeout_seconds: Annotated[
        int | None,
        At(
            "source/timeout/@seconds",
            when=FETCHED,
            advanced=True,
            since="6.2.0",
            minimum=1,
            maximum=86400,
            title="Time-out",
            help="How many seconds it waits for the server",
        ),
    ] = None
    snapshot: Annotated[
        str | None,
        At("source/snapshot/@name", when="protocol=rbd", advanced=True, help="Of the image, which is then read-only"),
    ] = None
    config: Annotated[
        str | None,
        At("source/config/@file", when="protocol=rbd", advanced=True, pattern=PATH, help="Ceph's settings on the host"),
    ] = None
    reconnect_delay_seconds: Annotated[
        int | None,
        At(
            "source/reconnect/@delay",
            when="protocol=nbd",
            advanced=True,
            since="9.2.0",
            minimum=0,
            maximum=86400,
            title="Waits for a lost server",
            help="Requests fail only after so many seconds; 0 means at once",
        ),
    ] = None
    nfs_user: Annotated[
        str | None,
        At("source/identity/@user", when="protocol=nfs", advanced=True, since="7.0.0", pattern=OWNER, title="NFS user"),
    ] = None
    nfs_group: Annotated[
        str | None,
        At(
            "source/identity/@group",
            when="protocol=nfs",
            advanced=True,
            since="7.0.0",
            pattern=OWNER,
            title="NFS group",
        ),
    ] = None


class DiskThread(XmlModel):
    """An I/O thread of the machine that serves queues of a disk; those that none names are shared out by libvirt."""

    id: Annotated[int, At("@id", minimum=1, maximum=4096, needed=True, help="Number of the machine's I/O thread")]
    queues: Annotated[tuple[int, ...], At("queue/@id", help="Numbers of queues, from 0; all of them, or none")] = ()


class Encryption(XmlModel):
    """How the content is encrypted; its passphrase is a secret of libvirt."""

    format: Annotated[
        Literal["luks", "luks2"] | str | None, At("@format", help="luks2 only where librbd opens it (RBD)")
    ] = None
    engine: Annotated[
        Literal["qemu", "librbd"] | str | None,
        At("@engine", advanced=True, since="8.0.0", help="Who opens it: QEMU, or librbd at a Ceph cluster"),
    ] = None
    secret_type: Annotated[Literal["passphrase"] | str | None, At("secret/@type", asked=False)] = None
    secret: Annotated[
        str | None,
        At("secret/@uuid", pattern=UUID, help="UUID of libvirt's secret; left empty where the passphrase is given"),
    ] = None
    secret_usage: Annotated[str | None, At("secret/@usage", advanced=True, help="Name of libvirt's secret instead")] = (
        None
    )


class Slice(XmlModel):
    """The part of an image that is shown, as if it were all."""

    kind: Annotated[Literal["storage"] | str | None, At("@type", asked=False)] = None
    offset_bytes: Annotated[int | None, At("@offset", needed=True, maximum=1 << 60)] = None
    size_bytes: Annotated[int | None, At("@size", needed=True, minimum=512, maximum=1 << 60)] = None


class Geometry(XmlModel):
    """What an old BIOS is told of cylinders, heads and sectors."""

    cylinders: Annotated[int | None, At("@cyls", needed=True, minimum=1, maximum=65535)] = None
    heads: Annotated[int | None, At("@heads", needed=True, minimum=1, maximum=255)] = None
    sectors: Annotated[int | None, At("@secs", needed=True, minimum=1, maximum=255)] = None
    translation: Annotated[Literal["auto", "none", "lba"] | str | None, At("@trans", when="bus=ide")] = None
