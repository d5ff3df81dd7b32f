"""A real installer, Debian's, booted from the network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qemu.bed import Bed, wait_for
from tests.qemu.installer import SCRIPT, installer_files
from tests.qemu.test_create import LOCAL, Site

NETWORK = """<network><name>pxe</name><bridge name='virbr7'/><ip address='192.168.77.1' netmask='255.255.255.0'>
<tftp root='/run/netboot'/><dhcp><range start='192.168.77.2' end='192.168.77.99'/><bootp file='boot.ipxe'/></dhcp>
</ip></network>"""


SERVE = "cd /run/netboot && python3 -m http.server -b 192.168.77.1 8000 >/dev/null 2>&1 & echo $!"


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    """Host `a` with a network that boots the installer."""
    run = bed.a.space.folder / "run"
    shutil.copytree(installer_files(), run / "netboot")
    (run / "netboot" / "boot.ipxe").write_text(SCRIPT.format(address="192.168.77.1"))
    (run / "pxe.xml").write_text(NETWORK)
    bed.a.virsh("net-create", "/run/pxe.xml")
    server = bed.a.space.run("sh", "-c", SERVE).strip()
    made = Site(bed, tmp_path)
    yield made
    made.stop()
    bed.a.virsh("destroy", "real", check=False)
    bed.a.space.run("kill", server)
    shutil.rmtree(run / "netboot")


def test_debians_installer_is_booted_from_the_network(site: Site) -> None:
    made = site.create(
        name="real",
        os="debian12",
        memory_mib=768,
        install={"method": "pxe"},
        disks=[{"size_gib": 2}],
        nics=[{"network": "pxe"}],
    )
    assert made["installation"] == "running"
    wait_for(lambda: "Linux version" in site.serial("real"), 200, "the installer's kernel, on the serial line")
    picture = site.client.get(f"{LOCAL}/domains/{made['uuid']}/screenshot")
    assert picture.data.startswith(b"\x89PNG")
    assert site.client.post(f"{LOCAL}/domains/{made['uuid']}/destroy").json["installation"] == "pending"
