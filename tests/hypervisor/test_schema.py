"""Which line of a definition libvirt's schema does not know."""

from __future__ import annotations

import pytest

from quarterdeck.hypervisor.schema import Schema
from quarterdeck.model.xml import parse
from tests.model.goldens import DATA

TEXT = (DATA / "debian.xml").read_text()


def line_of(part: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<acpi/>", "<acpi/><nonsense/>", "<nonsense> does not belong here"),
        ("<target dev='vda'", "<target colour='red' dev='vda'", "<target> does not take colour='red'"),
        ("cache='none'", "cache='fast'", "<driver> does not take cache='fast'"),
        ("<devices>", "<devices><disc/>", "<disc> does not belong here"),
    ],
)
def test_the_line_and_what_is_wrong_in_it(old: str, new: str, told: str) -> None:
    assert (Schema("domain").fault(parse(TEXT.replace(old, new, 1))) or "").startswith(f"Line {line_of(old)}: {told}")


def test_a_good_definition_has_no_fault() -> None:
    assert Schema("domain").fault(parse(TEXT)) is None


def test_without_the_schema_nothing_is_claimed() -> None:
    assert Schema("domain", "/nowhere").fault(parse("<domain><nonsense/></domain>")) is None
