"""What making a pool is in virsh's words, and how what it stands on is built. Pure."""

from __future__ import annotations

import shlex

from ...hypervisor.pools import Build
from ...model.pool import TYPES, VIRSH
from ...model.pool_parts import Buildable, PoolSettings
from ...model.xml import dump
from ..changing.changing import here_document

TYPE_OF = {model: name for name, model in TYPES.items()}
FLAGS: dict[Build, list[str]] = {"plain": [], "if_empty": ["--no-overwrite"], "overwrite": ["--overwrite"]}


def how(body: PoolSettings) -> Build:
    """How the pool is built when it is made."""
    if not isinstance(body, Buildable) or not body.build_device:
        return "plain"
    return build_of(TYPE_OF[type(body)], body.overwrite)


def build_of(kind: str, overwrite: bool) -> Build:
    """Libvirt makes a file system only when told one of the two ways; the other types know only `overwrite`."""
    return "overwrite" if overwrite else "if_empty" if kind == "fs" else "plain"


def stands_on(body: PoolSettings) -> str:
    """The devices of a pool, in words."""
    devices = getattr(body, "source_devices", ()) or (getattr(body, "source_device", body.name),)
    return ", ".join(devices)


def virsh(*words: str) -> str:
    """A call of virsh, quoted for a shell."""
    return shlex.join(["virsh", *words])


def autostart(name: str, on: bool) -> str:
    """The call that lets a pool start with the host, or not."""
    return virsh("pool-autostart", name, *([] if on else ["--disable"]))


def making(body: PoolSettings) -> list[str]:
    """The equal commands; values that `pool-define-as` cannot say go by way of the XML."""
    values = {name: value for name, value in body.definition().items() if value not in (None, ())}
    words = [word for name, value in values.items() if name in VIRSH for word in (VIRSH[name], str(value))]
    if set(values) <= {*VIRSH, "name", "type", "adapter"}:
        commands = [virsh("pool-define-as", body.name, TYPE_OF[type(body)], *words)]
    else:
        xml = dump(type(body).build(body.definition()))
        commands = [here_document("virsh pool-define --validate /dev/stdin", xml)]
    if body.makes_folder or getattr(body, "build_device", False):
        commands.append(virsh("pool-build", body.name, *FLAGS[how(body)]))
    commands += [virsh("pool-start", body.name)] if body.start else []
    return commands + ([autostart(body.name, True)] if body.autostart else [])
