"""How a machine is kept apart from the host and from others."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .patterns import BASE64, BASE64_LINES, PATH, POLICY, WORD
from .xml import At, XmlModel

AMD, SNP, TDX = "type=sev,sev-snp", "type=sev-snp", "type=tdx"


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
        Literal["sev", "sev-snp", "tdx", "s390-pv"] | str | None,
        At("@type", title="Encrypted memory", offer="launch_security.type", since="4.4.0"),
    ] = None
    policy: Annotated[
        str | None,
        At(
            "policy",
            when="type=sev,sev-snp,tdx",
            pattern=POLICY,
            help="What the host may do: of SEV such as 0x0003, of SEV-SNP 0x30000, of TDX 0x10000000",
        ),
    ] = None
    cbitpos: Annotated[
        int | None,
        At("cbitpos", title="Place of the C bit", when=AMD, minimum=0, maximum=63, help="The host's if empty"),
    ] = None
    reduced_phys_bits: Annotated[
        int | None,
        At(
            "reducedPhysBits",
            title="Address bits it costs",
            when=AMD,
            minimum=0,
            maximum=63,
            help="The host's if empty",
        ),
    ] = None
    kernel_hashes: Annotated[bool | None, At("@kernelHashes", words="yesno", when=AMD, since="8.0.0")] = None
    dh_certificate: Annotated[str | None, At("dhCert", when="type=sev", pattern=BASE64_LINES)] = None
    session: Annotated[str | None, At("session", when="type=sev", pattern=BASE64_LINES)] = None
    author_key: Annotated[
        bool | None,
        At("@authorKey", words="yesno", when=SNP, since="10.5.0", advanced=True, help="The id block has an author key"),
    ] = None
    vcek: Annotated[
        bool | None,
        At(
            "@vcek",
            words="yesno",
            when=SNP,
            since="10.5.0",
            title="VCEK",
            advanced=True,
            help="Signed by the chip's key",
        ),
    ] = None
    guest_visible_workarounds: Annotated[
        str | None, At("guestVisibleWorkarounds", when=SNP, since="10.5.0", pattern=BASE64, advanced=True)
    ] = None
    id_block: Annotated[
        str | None,
        At("idBlock", when=SNP, since="10.5.0", pattern=BASE64, advanced=True, help="What the owner expects"),
    ] = None
    id_auth: Annotated[
        str | None,
        At("idAuth", when=SNP, since="10.5.0", pattern=BASE64, advanced=True, help="Signature of the id block"),
    ] = None
    host_data: Annotated[
        str | None,
        At("hostData", when=SNP, since="10.5.0", pattern=BASE64, advanced=True, help="Stands in the guest's report"),
    ] = None
    config_id: Annotated[
        str | None, At("mrConfigId", when=TDX, since="11.6.0", pattern=BASE64, advanced=True, help="48 bytes in base64")
    ] = None
    owner: Annotated[str | None, At("mrOwner", when=TDX, since="11.6.0", pattern=BASE64, advanced=True)] = None
    owner_config: Annotated[
        str | None, At("mrOwnerConfig", when=TDX, since="11.6.0", pattern=BASE64, advanced=True)
    ] = None
    quote_service: Annotated[
        str | None,
        At(
            "quoteGenerationService/@path",
            when=TDX,
            since="11.6.0",
            pattern=PATH,
            advanced=True,
            help="Socket of the host's service that signs reports",
        ),
    ] = None


class KeyWrap(XmlModel):
    """Keys of IBM Z's crypto that the guest's are wrapped with; libvirt's own choice is both."""

    tag: ClassVar[str] = "keywrap"
    aes: Annotated[bool | None, At("cipher[@name='aes']/@state", words="onoff", title="AES")] = None
    dea: Annotated[bool | None, At("cipher[@name='dea']/@state", words="onoff", title="DEA")] = None
