"""Every refusal of an input says what is allowed there: the pattern in words, the range with its unit, the words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from quarterdeck.model.clone import DomainClone
from quarterdeck.model.cloud_init import CloudInit
from quarterdeck.model.create import DomainCreate
from quarterdeck.model.edits import EDITS, DomainPatch
from quarterdeck.model.faults import field_errors
from quarterdeck.model.network_settings import NetworkSettings
from quarterdeck.model.patterns import KNOWN, Pattern
from quarterdeck.model.storage import VolumeRequest


def refused(kind: Any, value: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(kind).validate_python(value)
    return {error.pointer: error.detail for error in field_errors(raised.value, kind, value)}


@pytest.mark.parametrize("pattern", KNOWN.values(), ids=list(KNOWN))
def test_a_patterns_example_fits_it(pattern: Pattern) -> None:
    assert pattern.words
    assert re.fullmatch(pattern, pattern.example)
    TypeAdapter(str).validate_python(pattern.example)


@pytest.mark.parametrize(
    ("kind", "value", "pointer", "told"),
    [
        (DomainPatch, {"cpuset": "first"}, "/cpuset", "It must be numbers and ranges with commas; ^ leaves one out"),
        (DomainPatch, {"memory_mib": "much"}, "/memory_mib", "It must be a whole number from 16 to 1073741824 MiB."),
        (DomainPatch, {"memory_mib": 1}, "/memory_mib", "It must be a whole number from 16 to 1073741824 MiB."),
        (DomainPatch, {"autostart": "maybe"}, "/autostart", "It must be true or false."),
        (DomainPatch, {"colour": "red"}, "/colour", "There is no such member."),
        (DomainPatch, {"title": 7}, "/title", "It must be a text."),
        (DomainPatch, {"title": "x" * 257}, "/title", "It can have 256 characters at most."),
        (DomainClone, {"name": "x" * 129}, "/name", "It can have 128 characters at most."),
        (DomainPatch, {"tags": [""]}, "/tags/0", "It cannot be empty."),
        (EDITS["disk"], {"cache": "magic"}, "/cache", "It must be "),
        (EDITS["disk"], {"iotune": {"read_iops_sec": -1}}, "/iotune/read_iops_sec", "46976 operations/s."),
        (EDITS["interface"], {"mac": "zz"}, "/mac", "six pairs of hexadecimal digits with colons, for example 52:54"),
        (VolumeRequest, {"name": "a", "size_gib": -5}, "/size_gib", "It must be a number above 0, up to 1048576 GiB."),
        (NetworkSettings, {"name": "n", "mtu": 5}, "/mtu", "It must be a whole number from 68 to 65535."),
        (NetworkSettings, {"name": "n", "mtu": "big"}, "/mtu", "It must be a whole number from 68 to 65535."),
        (
            DomainCreate,
            {"name": "a", "disks": [{"pool": "p", "size_gib": 0}]},
            "/disks/0/size_gib",
            "It must be a number above 0, up to 1048576 GiB.",
        ),
        (DomainCreate, {"name": "a", "install": {"method": "magic"}}, "/install/method", "It must be iso, tree"),
        (DomainCreate, {"name": "a", "install": {}}, "/install/method", "Say which type it is."),
        (DomainCreate, {}, "/name", "It is needed."),
        (CloudInit, {"password": ""}, "/password", "It cannot be empty."),
    ],
)
def test_a_refusal_says_what_is_allowed(kind: Any, value: Any, pointer: str, told: str) -> None:
    assert told in refused(kind, value)[pointer]


def test_a_list_with_a_wrong_entry_is_not_called_too_short_too() -> None:
    names = {"name": "n", "dns_hosts": [{"address": "10.1.1.1", "names": ["a b"]}]}
    assert [*refused(NetworkSettings, names)] == ["/dns_hosts/0/names/0"]
    assert [*refused(NetworkSettings, names | {"dns_hosts": [{"address": "10.1.1.1", "names": []}]})] == [
        "/dns_hosts/0/names"
    ]
