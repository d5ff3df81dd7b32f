"""What pools of several types have in common: names, servers, folders, devices and logins."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from lxml import etree
from pydantic import ConfigDict, Field, SecretStr, model_validator

from quarterdeck.model.create import AbsolutePath, Folder, VolumeName
from quarterdeck.model.patterns import (
    BLOCK_DEVICE,
    IQN,
    NFS_VERSION,
    POOL_MODE,
    POOL_NAME,
    POOL_SERVER,
    POOL_WORD,
    PORT_WWN,
    UUID,
)
from quarterdeck.model.xml import At, XmlModel, XmlText, dump

Server = tuple[str, str, int]
"""The field that names it, its address and port."""
PoolName = VolumeName
"""The same rules: it becomes a file name of libvirt and stands on command lines."""


HostName = Annotated[XmlText, Field(pattern=POOL_SERVER, max_length=255)]
Word = Annotated[XmlText, Field(pattern=POOL_WORD, max_length=128)]
PlainName = Annotated[XmlText, Field(pattern=POOL_NAME, max_length=255)]
Iqn = Annotated[XmlText, Field(pattern=IQN, max_length=223)]
Device = Annotated[AbsolutePath, Field(pattern=BLOCK_DEVICE)]
Wwn = Annotated[str, Field(pattern=PORT_WWN)]
Uuid = Annotated[str, Field(pattern=UUID)]
Mode = Annotated[str, Field(pattern=POOL_MODE)]
Id = Annotated[int, Field(ge=0, le=(1 << 32) - 2)]
Port = Annotated[int, Field(ge=1, le=65535)]
Version = Annotated[str, Field(pattern=NFS_VERSION)]
Format = Literal["auto", "ext4", "xfs", "ext3", "ext2", "vfat", "iso9660", "ocfs2", "gfs2"]
Label = Literal["gpt", "dos", "dvh", "mac", "bsd", "pc98", "sun", "lvm2"]

BUILD = "Make a file system, partition table or volume group on the device; refused where it holds something."
OVERWRITE = "Build even where the device holds something, which is lost."


class PoolSettings(XmlModel):
    """What every pool has. Values with a place in the XML are its definition; the others say what is done with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tag: ClassVar[str] = "pool"
    words: ClassVar[str] = ""
    about: ClassVar[str] = ""
    port: ClassVar[int | None] = None
    """Where a server of this type answers; None where no server is needed."""
    makes_folder: ClassVar[bool] = False

    name: Annotated[PoolName, At("name")]
    autostart: bool = Field(True, title="Start with the host")
    start: bool = Field(True, title="Start now")

    def definition(self) -> dict[str, Any]:
        """The values that go into the XML."""
        return self.model_dump(include=set(self.places))

    def text(self, uuid: str) -> str:
        """The definition of a pool of this UUID."""
        root = type(self).build(self.definition())
        mark = etree.Element("uuid")
        mark.text = uuid
        root.insert(1, mark)
        return dump(root)

    def servers(self) -> list[Server]:
        """Who must answer before it can start."""
        return []


class HasFolder(PoolSettings):
    """A pool whose volumes are files below a folder."""

    makes_folder: ClassVar[bool] = True

    path: Annotated[Folder, At("target/path", title="Folder on the host", help="It is made where it is missing.")]
    mode: Annotated[
        Mode | None,
        At("target/permissions/mode", title="Access mode", help="Octal, such as 0711, for a folder that is made."),
    ] = None
    owner: Annotated[Id | None, At("target/permissions/owner", title="Owner", help="Number of the user.")] = None
    group: Annotated[Id | None, At("target/permissions/group", title="Group", help="Number of the group.")] = None


class Buildable(PoolSettings):
    """A pool that stands on devices which can be prepared for it."""

    build_device: bool = Field(False, title="Prepare the device", description=BUILD)
    overwrite: bool = Field(
        False, title="Overwrite what it holds", description=OVERWRITE, json_schema_extra={"when": "build_device"}
    )


class HasServer(PoolSettings):
    """A pool on one server."""

    source_host: Annotated[HostName, At("source/host/@name", title="Server", help="Host name or address.")]

    def servers(self) -> list[Server]:
        """The server, at the port of this type or the one given."""
        given = getattr(self, "source_port", None)
        return [("/source_host", self.source_host, given or self.port or 0)]


class HasLogin(PoolSettings):
    """A pool whose server asks who is there."""

    login: ClassVar[str] = ""
    usage: ClassVar[str] = "iscsi"
    """What libvirt calls the use of such a secret."""

    username: Annotated[Word | None, At("source/auth/@username", title="User at the server")] = None
    secret: Annotated[
        Uuid | None, At("source/auth/secret/@uuid", title="Secret", help="UUID of a secret that libvirt keeps.")
    ] = None
    auth: Annotated[str | None, At("source/auth/@type")] = None
    password: Annotated[SecretStr, Field(max_length=1024)] | None = Field(
        None, title="Password", description="libvirt keeps it as a secret that nobody reads again."
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        if bool(self.username) != bool(self.secret or self.password):
            raise ValueError("A login needs the user, and a password or the secret that holds it.")
        self.secret_value()
        return self

    def secret_value(self) -> bytes | None:
        """What libvirt is to keep of the password that was typed."""
        return self.password.get_secret_value().encode() if self.password else None

    def definition(self) -> dict[str, Any]:
        """The values that go into the XML, with the kind of login of this type."""
        return super().definition() | {"auth": self.login if self.username else None}
