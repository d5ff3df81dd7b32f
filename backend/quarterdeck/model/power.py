"""What happens at the ends of a run, and whether the guest may sleep."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from .xml import At, XmlModel

OnEvent = Literal["destroy", "restart"]
OnCrash = Literal["destroy", "restart", "preserve", "coredump-destroy", "coredump-restart"]
"""libvirt's `rename-restart` is left out, and `preserve` but for a crash: QEMU's driver refuses them."""
ENDS = {"destroy": "It is off", "restart": "It starts again"}
CRASHES = {
    "preserve": "It stays as it is, to be looked at",
    "coredump-destroy": "Its memory is dumped, then it is off",
    "coredump-restart": "Its memory is dumped, then it starts again",
}
LOCKS = {"poweroff": "It is off", "restart": "It starts again", "pause": "It is paused", "ignore": "It runs on"}


class Events(XmlModel):
    """What libvirt does when the guest ends."""

    on_poweroff: Annotated[OnEvent | str | None, At("on_poweroff", title="When it shuts down", means=ENDS)] = None
    on_reboot: Annotated[OnEvent | str | None, At("on_reboot", title="When it restarts", means=ENDS)] = None
    on_crash: Annotated[
        OnCrash | str | None,
        At("on_crash", title="When it crashes", help="Needs a panic device to be seen", means=ENDS | CRASHES),
    ] = None
    on_lockfailure: Annotated[
        Literal["poweroff", "restart", "pause", "ignore"] | str | None,
        At("on_lockfailure", title="When it loses a lock", since="1.0.0", help="With sanlock", means=LOCKS),
    ] = None


class Power(XmlModel):
    """The `<pm>` of a definition."""

    tag: ClassVar[str] = "pm"
    suspend_to_mem: Annotated[
        bool | None, At("suspend-to-mem/@enabled", words="yesno", title="Sleep", help="Suspend to memory (S3)")
    ] = None
    suspend_to_disk: Annotated[
        bool | None, At("suspend-to-disk/@enabled", words="yesno", title="Hibernate", help="Suspend to disk (S4)")
    ] = None
