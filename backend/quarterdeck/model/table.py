"""The table of all settings in the documents: `python -m quarterdeck.model.table` writes it, a test keeps it fresh."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from .bodies import asked
from .definition import Definition
from .devices import KINDS
from .forms import title_of
from .xml import Apply, XmlModel

WHEN = {Apply.LIVE: "live", Apply.NEXT_START: "next start"}
HEAD = """# Settings

Everything that can be set of a machine, made from the declarations in `backend/quarterdeck/model` by `make api`.
*Member* is its name in the API: of `PATCH /hosts/{host}/domains/{uuid}` for the machine, of `…/devices` for a device.
*When* says when a change reaches a running machine; what is live is saved for the next start too.
The members `autostart`, `tags`, `boot.order`, `firmware` and `secure_boot` of a machine have rules of their own.

What libvirt knows of QEMU besides has no member yet and is edited as XML, where it stays whatever else is changed:
- disks: cookies of web servers, ciphers of encryption, reservations by a helper of one's own, folders as FAT (`dir`),
  NVMe and vhost-user disks, groups of limits (`throttlegroups`), and models of virtio for old guests (`model`);
- network interfaces: sources of the types udp, mcast, server, client, internal and vdpa, addresses and routes
  (`ip`, `route`), parameters of a virtual port, the untagged VLAN of a trunk (`nativeMode`), `floor`, `script`, and
  devices of one's own for tap and vhost;
- lines: TLS, reconnecting, and SELinux labels of their sockets; a TPM outside of libvirt (`external`);
- host devices: iSCSI and vhost SCSI targets without an adapter; video cards in a process of their own (vhost-user);
- the machine: templates of UEFI's variables and where they lie, vCPUs one by one (`vcpus`), alignment and UUID of
  memory modules, properties of single devices of QEMU (`qemu:override`), and USB hubs;
- what is of other architectures than x86 (`gic`, `hpt`, `cfpc`, `zpci`, `loadparm`) and of other hypervisors.

QEMU refuses a guaranteed minimum of memory (`min_guarantee`), so there is none.
"""


def settings_table() -> str:
    """The document."""
    parts = [HEAD, "## The machine\n", *_table(Definition, "domain")]
    for tag, kind in KINDS.items():
        parts += [f"\n## {kind.noun}\n", *_table(kind, tag)]
    return "\n".join(parts) + "\n"


def _table(model: type[XmlModel], tag: str) -> list[str]:
    rows = [" | ".join(row) for row in _rows(model, tag, "", "")]
    head = ["| Setting | Member | XML | When | Since libvirt |", "|---|---|---|---|---|"]
    return [*head, *(f"| {row} |" for row in rows)]


def _rows(
    model: type[XmlModel], way: str, base: str, group: str, of_list: Apply | None = None
) -> Iterator[tuple[str, ...]]:
    """Entries of a list take effect together, as the list does."""
    for name, place in asked(model):
        path = way if place.at.path == "." else f"{way}/{place.at.path}"
        title = f"{group}{title_of(name, place)}"
        if place.child:
            many = "[]" if place.many else ""
            together = of_list or (place.at.apply if place.many else None)
            yield from _rows(place.child, path, f"{base}{name}{many}.", f"{title}: ", together)
        else:
            never = "while it is off" if model is Definition else "when it is added"
            when = WHEN.get(of_list or place.at.apply, never)
            cells = (title, f"`{base}{name}`", f"`{path}`", when, place.at.since)
            yield tuple(cell.replace("|", "\\|") for cell in cells)


if __name__ == "__main__":
    sys.stdout.write(settings_table())
