"""Machines of other products, in files that somebody made to do harm."""

from __future__ import annotations

import io
import tarfile
import time

import pytest

from quarterdeck.model.image_kinds import TEXT_BYTES, kind_of
from quarterdeck.model.ovf import read_ovf
from quarterdeck.model.vmx import read_vmx
from quarterdeck.operations.appliances.appliances import PackageFile


@pytest.mark.parametrize("line", ["\n", "a\n", 'a = "', '\t=\t"\n'])
def test_file_of_empty_lines_does_not_hold_up_the_service(line: str) -> None:
    began = time.thread_time()
    read_vmx(line * (TEXT_BYTES // len(line)))
    kind_of(line.encode() * 4096, name="a")
    assert time.thread_time() - began < 5


def test_settings_of_a_vmx_are_read_whatever_ends_their_lines() -> None:
    machine = read_vmx('displayName = "web"\r\nmemsize="512"\r\n\r\n  numvcpus = "2"  \n')
    assert (machine.name, machine.memory_mib, machine.vcpus) == ("web", 512, 2)


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "\u00b2", "9" * 5000, ""])
def test_what_is_no_number_in_an_ovf_is_left_out(number: str) -> None:
    items = "".join(
        f"<Item><r:ResourceType>{kind}</r:ResourceType><r:VirtualQuantity>{number}</r:VirtualQuantity>"
        f"<r:CoresPerSocket>{number}</r:CoresPerSocket></Item>"
        for kind in (3, 4)
    )
    envelope = '<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:r="r"><VirtualSystem>'
    machine = read_ovf(f"{envelope}{items}</VirtualSystem></Envelope>")
    assert (machine.vcpus, machine.cores, machine.memory_mib) == (1, None, None)


def test_header_of_a_package_that_says_it_is_huge_is_not_read_into_memory() -> None:
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    package = PackageFile(io.BytesIO(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096)))
    with pytest.raises(tarfile.ReadError, match="larger than any"), tarfile.open(fileobj=package, mode="r:"):
        pass
