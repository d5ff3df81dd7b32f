"""What machines use is never told as free."""

from __future__ import annotations

import pytest

from quarterdeck.app import Service
from quarterdeck.operations.inventory.usage import Usage
from quarterdeck.problems import Problem
from tests.waiting import until


def test_a_machine_that_cannot_be_read_is_not_taken_for_one_that_is_gone(service: Service) -> None:
    fresh, before = Usage(service.hosts, service.inventory), Usage(service.hosts, service.inventory)
    used = before.paths("local")
    service.hosts.get("local").close()
    with pytest.raises(Problem) as told:
        fresh.paths("local")
    assert told.value.slug == "host-lost", told.value
    assert used and before.paths("local") == used, "what was read is kept"


MACHINE = """<domain type="test"><name>many-files</name><memory>65536</memory><os><type>hvm</type>
<kernel>/files/kernel</kernel><initrd>/files/initrd</initrd><dtb>/files/dtb</dtb>
<loader readonly="yes" type="pflash">/files/loader</loader><nvram>/files//nvram</nvram></os>
<devices>
<disk type="file" device="floppy"><source file="/files/floppy"/><target dev="fda"/></disk>
<disk type="file" device="cdrom"><source file="/files/./cd"/><target dev="hda"/><readonly/></disk>
<disk type="block" device="disk"><source dev="/files/disk"/><target dev="vda"/></disk>
<filesystem type="file"><source file="/files/tree"/><target dir="/"/></filesystem>
</devices></domain>"""


def test_every_file_of_a_machine_counts_as_used_however_it_is_written(service: Service) -> None:
    service.hosts.get("local").domains.define(MACHINE)
    names = {"kernel", "initrd", "dtb", "loader", "nvram", "floppy", "cd", "disk", "tree"}

    def used() -> set[str]:
        paths = Usage(service.hosts, service.inventory).paths("local")
        return {path.removeprefix("/files/") for path, users in paths.items() if users == ["many-files"]}

    until(used)
    assert names <= used()
