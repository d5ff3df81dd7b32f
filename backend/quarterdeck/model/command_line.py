"""Arguments that libvirt hands to QEMU without a look."""

from __future__ import annotations

from typing import Annotated, ClassVar

from .patterns import VARIABLE
from .xml import At, XmlModel


class Variable(XmlModel):
    """One variable of QEMU's environment."""

    name: Annotated[str, At("@name", needed=True, pattern=VARIABLE)]
    value: Annotated[str | None, At("@value")] = None


class QemuCommandLine(XmlModel):
    """The `<qemu:commandline>` of a definition. It taints the machine: nobody supports what it does."""

    tag: ClassVar[str] = "qemu:commandline"
    arguments: Annotated[tuple[str, ...], At("qemu:arg/@value", help="One argument in each line")] = ()
    environment: Annotated[tuple[Variable, ...], At("qemu:env")] = ()
