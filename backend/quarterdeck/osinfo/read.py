"""Reads osinfo-db XML and the supplement into records."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from .records import Amount, CloudImage, Firmware, Medium, Record, Resources

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
MIB, GIB = 2**20, 2**30


def read_folder(folder: Path) -> Iterator[Record]:
    """Every system below `folder/os`; files that cannot be read are left out (the rest is still useful)."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    for path in sorted(folder.glob("os/**/*.xml")):
        try:
            tree = etree.parse(str(path), parser)
        except (OSError, etree.XMLSyntaxError):
            continue
        for element in tree.iterfind("os"):
            yield read_system(element)


def read_system(element: etree._Element) -> Record:
    """One `<os>` element."""
    record = Record(element.get("id", ""))
    for child in element:
        reader = READERS.get(child.tag)
        if reader and child.get(LANGUAGE) is None:
            reader(record, child)
    return record


def _text(name: str) -> Any:
    def read(record: Record, child: etree._Element) -> None:
        setattr(record, name, (child.text or "").strip())

    return read


def _devices(record: Record, child: etree._Element) -> None:
    for device in child.iterfind("device"):
        record.devices[device.get("id", "")] = device.get("supported") != "false"


def _firmware(record: Record, child: etree._Element) -> None:
    supported = child.get("supported") != "false"
    record.firmware.append(Firmware(child.get("arch", "all"), child.get("type", ""), supported))


def _amount(element: etree._Element | None) -> Amount:
    if element is None:
        return Amount()
    numbers = {child.tag: int(child.text or 0) for child in element}
    memory, disk = numbers.get("ram", 0) // MIB, -(-numbers.get("storage", 0) // GIB)
    return Amount(memory or None, numbers.get("n-cpus") or None, disk or None)


def _resources(record: Record, child: etree._Element) -> None:
    record.resources.append(
        Resources(
            child.get("arch", "all"),
            _amount(child.find("minimum")),
            _amount(child.find("recommended")),
            _amount(child.find("network-install")).memory_mib,
            child.get("inherit") == "true",
        )
    )


def _medium(record: Record, child: etree._Element) -> None:
    iso = child.find("iso")
    if iso is None:
        return
    record.media.append(
        Medium(
            child.get("arch", "all"),
            iso.findtext("volume-id"),
            iso.findtext("system-id"),
            iso.findtext("publisher-id"),
            iso.findtext("application-id"),
            int(iso.findtext("volume-size") or 0) or None,
            child.get("live") == "true",
            int(child.get("installer-reboots", "1")),
        )
    )


def _image(record: Record, child: etree._Element) -> None:
    url = (child.findtext("url") or "").strip()
    # Those of one build are gone from the maker's server soon after the next one.
    stays = url.startswith("https://") and ("latest" in url or "current" in url)
    if stays and child.get("cloud-init") == "true" and child.get("format") == "qcow2":
        variant = child.find("variant")
        record.images.append(CloudImage(child.get("arch", "all"), url, None if variant is None else variant.get("id")))


READERS: dict[Any, Any] = {
    "short-id": lambda record, child: record.short_ids.append((child.text or "").strip()),
    "name": _text("name"),
    "version": _text("version"),
    "vendor": _text("vendor"),
    "family": _text("family"),
    "distro": _text("distro"),
    "release-date": _text("released"),
    "eol-date": _text("end_of_life"),
    "release-status": _text("status"),
    "derives-from": lambda record, child: record.parents.append(child.get("id", "")),
    "clones": lambda record, child: record.parents.append(child.get("id", "")),
    "devices": _devices,
    "firmware": _firmware,
    "resources": _resources,
    "media": _medium,
    "image": _image,
    "installer": lambda record, child: record.scripts.extend(each.get("id", "") for each in child.iterfind("script")),
}


def read_supplement(text: str) -> Iterator[Record]:
    """The systems of our own list (`newer.toml`), which fills the gaps of an old database."""
    for short_id, facts in tomllib.loads(text).items():
        record = Record(facts["id"], [short_id], facts["name"], facts["version"], facts.get("vendor", ""))
        record.family, record.distro = facts.get("family", "linux"), facts["distro"]
        record.released, record.end_of_life = facts.get("released"), facts.get("end_of_life")
        record.parents = [facts["like"]]
        record.devices = dict.fromkeys(facts.get("devices", []), True)
        record.firmware = [Firmware("x86_64", kind, ok) for kind, ok in facts.get("firmware", {}).items()]
        minimum, recommended = facts.get("minimum", []), facts.get("recommended", [])
        if minimum or recommended:
            record.resources = [Resources("all", Amount(*minimum), Amount(*recommended))]
        else:
            record.resources = [Resources("all", Amount(), Amount(), inherit=True)]
        record.media = [
            Medium(medium.get("arch", "x86_64"), medium["volume"], live=medium.get("live", False))
            for medium in facts.get("media", [])
        ]
        record.images = [CloudImage("x86_64", facts["image"])] if "image" in facts else []
        yield record
