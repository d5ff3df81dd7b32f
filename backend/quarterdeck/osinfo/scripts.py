"""Scripts of the OS database by which systems install themselves (preseed, kickstart, autoyast).

They are XSL stylesheets that make the script, and the kernel's arguments that name it, from a small document; its form
is that of libosinfo's osinfo_install_script.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

XSL = "{http://www.w3.org/1999/XSL/Transform}"


@dataclass(frozen=True)
class Script:
    """What an installer is given: a file of this name, and arguments for its kernel."""

    name: str
    text: str
    arguments: str


@dataclass(frozen=True)
class Subject:
    """The system that is installed, and from where: no address is a medium in a drive.

    `packages` is false where a medium has none of its own, so that they come from the distribution's servers.
    """

    short_id: str
    name: str
    version: str
    distro: str
    url: str | None
    packages: bool = True


def find(folders: Iterable[Path], wanted: Iterable[str]) -> etree._Element | None:
    """The first of these scripts that sets up a system without a desktop, and can lie in an initrd."""
    known = {element.get("id"): element for folder in folders for element in _scripts(folder)}
    for name in wanted:
        script = known.get(name)
        methods = [each.text for each in script.iterfind("injection-method")] if script is not None else []
        if script is not None and script.findtext("profile") == "jeos" and "initrd" in methods:
            return script
    return None


def _scripts(folder: Path) -> Iterable[etree._Element]:
    for path in sorted(folder.glob("install-script/**/*.xml")):
        try:
            yield from etree.parse(str(path), _parser()).iterfind("install-script")
        except (OSError, etree.XMLSyntaxError):
            continue


def made(
    script: etree._Element, subject: Subject, config: Mapping[str, str], maps: Mapping[str, Mapping[str, str]]
) -> Script:
    """The script for a system; of `config` it gets what it knows."""
    sheet, name = script.find(f"template/{XSL}stylesheet"), script.findtext("expected-filename", "")
    if sheet is None:
        return Script(name, "", "")
    closed = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]  # not in lxml-stubs
    transform = etree.XSLT(sheet, access_control=closed)
    given = {}
    for param in script.iterfind("config/param"):
        word = param.get("name", "")
        if word in config:
            value = config[word]
            given[word] = maps.get(param.get("value-map", ""), {}).get(value, value)
    text = str(transform(_document("install-script-config", name, subject, given)))
    # osinfo-db up to 2025 leaves the type out, and the installer would ask after all.
    text = re.sub(r"(?m)^(d-i passwd/username) (?!string )", r"\1 string ", text)
    command = _document("command-line", name, subject, given)
    return Script(name, text, " ".join(str(transform(command)).split()))


def _document(root: str, file_name: str, subject: Subject, config: Mapping[str, str]) -> etree._Element:
    document = etree.Element(root)
    # To the kernel a tree is named by whoever finds it.
    source = "initrd" if root == "command-line" else "network" if subject.url else "media"
    parts: dict[str, Mapping[str, str]] = {
        "script": {
            "profile": "jeos",
            "expected-filename": file_name,
            "preferred-injection-method": "initrd",
            "installation-source": source,
        },
        "os": {
            "short-id": subject.short_id,
            "name": subject.name,
            "version": subject.version,
            "distro": subject.distro,
        },
        "tree": {"url": subject.url} if subject.url else {},
        "media": {} if subject.packages else {"variant": "netinst"},
        "config": config,
    }
    for part, values in parts.items():
        element = etree.SubElement(document, part)
        for word, value in values.items():
            etree.SubElement(element, word).text = value
    return document


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


def maps_of(folders: Iterable[Path]) -> dict[str, dict[str, str]]:
    """The tables by which values are written as a system has them, by their id."""
    found: dict[str, dict[str, str]] = {}
    for folder in folders:
        for path in sorted(folder.glob("datamap/**/*.xml")):
            try:
                tree = etree.parse(str(path), _parser())
            except (OSError, etree.XMLSyntaxError):
                continue
            for element in tree.iterfind("datamap"):
                pairs = {each.get("inval", ""): each.get("outval", "") for each in element.iterfind("entry")}
                found[element.get("id", "")] = pairs
    return found
