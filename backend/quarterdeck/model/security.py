"""How a machine is kept apart from the host and from others."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .patterns import WORD
from .xml import At, XmlModel


class SecurityLabel(XmlModel):
    """The label under which one security driver of the host runs QEMU."""

    tag: ClassVar[str] = "seclabel"
    type: Annotated[Literal["dynamic", "static", "none"] | str | None, At("@type", needed=True)] = None
    model: Annotated[str | None, At("@model", pattern=WORD, help="selinux, apparmor or dac")] = None
    relabel: Annotated[bool | None, At("@relabel", words="yesno", help="Give the label to its disks too")] = None
    label: Annotated[str | None, At("label", when="type=static")] = None
    base_label: Annotated[str | None, At("baselabel", when="type=dynamic", help="What the label is made from")] = None


class LaunchSecurity(XmlModel):
    """Memory that the host cannot read."""

    tag: ClassVar[str] = "launchSecurity"
    type: Annotated[
        Literal["sev", "s390-pv"] | str | None,
        At("@type", title="Encrypted memory", offer="launch_security.type", since="4.4.0"),
    ] = None
    policy: Annotated[
        str | None,
        At(
            "policy",
            when="type=sev",
            pattern=r"^(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$",
            help="AMD's guest policy, such as 0x0003",
        ),
    ] = None
    cbitpos: Annotated[
        int | None, At("cbitpos", when="type=sev", minimum=0, maximum=63, help="The host's if empty")
    ] = None
    reduced_phys_bits: Annotated[
        int | None, At("reducedPhysBits", when="type=sev", minimum=0, maximum=63, help="The host's if empty")
    ] = None
    kernel_hashes: Annotated[bool | None, At("@kernelHashes", words="yesno", when="type=sev", since="8.0.0")] = None
    dh_certificate: Annotated[str | None, At("dhCert", when="type=sev", pattern=r"^[A-Za-z0-9+/=\s]+$")] = None
    session: Annotated[str | None, At("session", when="type=sev", pattern=r"^[A-Za-z0-9+/=\s]+$")] = None
