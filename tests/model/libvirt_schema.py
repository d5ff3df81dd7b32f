"""Libvirt's own schemas, as they are installed."""

from __future__ import annotations

from functools import cache

from lxml import etree

from quarterdeck.model.xml import Element


@cache
def _rules(kind: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(f"/usr/share/libvirt/schemas/{kind}.rng"))


def assert_fits(kind: str, root: Element) -> None:
    """Fail with what is wrong where it does not fit the schema of its kind: `domain`, `network`, `storagepool`."""
    _rules(kind).assertValid(root)
