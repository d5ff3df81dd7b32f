"""The I/O threads of a definition: counted, and numbered from 1 where their numbers are not written."""

from __future__ import annotations

from .xml import Element


def thread_ids(root: Element) -> list[int]:
    """Numbers of the I/O threads; libvirt gives the lowest free ones to those without an entry."""
    count = int(root.findtext("iothreads") or 0)
    ids = [int(each.get("id", "0")) for each in root.iterfind("iothreadids/iothread")]
    number = 1
    while len(ids) < count:
        if number not in ids:
            ids.append(number)
        number += 1
    return sorted(ids)


def trim_threads(root: Element) -> None:
    """Forget the entries of the highest numbers where there are more than threads, and the pins of those that went."""
    count, list_of_ids = int(root.findtext("iothreads") or 0), root.find("iothreadids")
    entries = [] if list_of_ids is None else sorted(list_of_ids, key=lambda each: int(each.get("id", "0")))
    for entry in entries[count:]:
        entry.getparent().remove(entry)  # type: ignore[union-attr]  # it was found below its parent
    if list_of_ids is not None and not len(list_of_ids):
        root.remove(list_of_ids)


def threads_in_use(root: Element) -> frozenset[int]:
    """Numbers of the I/O threads that a disk or controller uses."""
    found = [driver.get("iothread") for driver in root.iterfind("devices/*/driver")]
    return frozenset(int(number) for number in found if number and number.isdigit())
