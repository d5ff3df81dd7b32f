"""Where the kernels of installation trees lie."""

from __future__ import annotations

import pytest

from quarterdeck.app import Service
from quarterdeck.config import Config
from quarterdeck.hypervisor.volumes import Volumes
from quarterdeck.model.storage import PARTIAL, volume_xml
from quarterdeck.operations.creating.tree import Found, find, read_treeinfo, undo_tree
from quarterdeck.operations.fetching.fetch import Fetcher
from quarterdeck.problems import Problem
from tests.file_server import FileServer
from tests.ftp_server import FtpServer

HERE = Fetcher(Config(download_allow=("127.0.0.1/32",)))
FEDORA = """[general]
arch = x86_64
family = Fedora
[images-x86_64]
boot.iso = images/boot.iso
initrd = images/pxeboot/initrd.img
kernel = images/pxeboot/vmlinuz
"""
SUSE = """[general]
arch = x86_64
family = openSUSE Leap
[images-x86_64]
initrd = boot/x86_64/loader/initrd
kernel = boot/x86_64/loader/linux
"""
DEBIAN = "/debian/dists/bookworm/main/installer-amd64/current/images/netboot/debian-installer/amd64/"


def at(url: str, kernel: str, initrd: str, argument: str = "") -> Found:
    return Found(url + kernel, url + initrd, argument)


def test_treeinfo_names_kernel_and_initrd_and_the_installer_learns_the_tree() -> None:
    url = "https://a/os/"
    fedora = at(url, "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", f"inst.repo={url}")
    assert read_treeinfo(FEDORA, url) == fedora
    suse = at(url, "boot/x86_64/loader/linux", "boot/x86_64/loader/initrd", f"install={url}")
    assert read_treeinfo(SUSE, url) == suse


@pytest.mark.parametrize("text", ["", "<html>", "[general]\narch = x86_64\n", "[images-x86_64]\nkernel = a\n"])
def test_other_pages_are_no_treeinfo(text: str) -> None:
    assert read_treeinfo(text, "https://a/") is None


def test_trees_are_found_by_what_lies_in_them() -> None:
    with FileServer(b"", files={}).running() as server:
        server.files = {"/f/.treeinfo": FEDORA.encode()}
        assert find(HERE, server.url("/f/")).kernel == server.url("/f/images/pxeboot/vmlinuz")
        server.files = {DEBIAN + "linux": b"k"}
        assert find(HERE, server.url("/debian/dists/bookworm/")) == at(server.url(DEBIAN), "linux", "initrd.gz")
        server.files = {"/s/boot/x86_64/loader/linux": b"k"}
        url = server.url("/s/")
        suse = at(url, "boot/x86_64/loader/linux", "boot/x86_64/loader/initrd", f"install={url}")
        assert find(HERE, url) == suse
        server.files = {"/n/linux": b"k"}
        assert find(HERE, server.url("/n/")).kernel == server.url("/n/linux")
        server.files = {"/u/grub/grub.cfg": b"menuentry a {\n\tlinux\tlinux iso-url=https://a/u.iso ip=dhcp ---\n}\n"}
        assert find(HERE, server.url("/u/")) == at(
            server.url("/u/"), "linux", "initrd", "ip=dhcp iso-url=https://a/u.iso"
        )
        server.files = {}
        with pytest.raises(Problem, match="no installation tree"):
            find(HERE, server.url("/"))


def test_trees_lie_on_ftp_servers_too() -> None:
    with FtpServer({"f/.treeinfo": FEDORA.encode()}).running() as server:
        assert find(HERE, server.url("f/")).kernel == server.url("f/images/pxeboot/vmlinuz")
        server.files = {DEBIAN.removeprefix("/") + "linux": b"k"}
        assert find(HERE, server.url("debian/dists/bookworm/")).initrd == server.url(DEBIAN[1:] + "initrd.gz")


@pytest.mark.parametrize("quicker", ["kernel", "half", PARTIAL + "half"])
def test_what_a_fetch_left_goes_where_somebody_else_removes_a_part_of_it_meanwhile(
    service: Service, monkeypatch: pytest.MonkeyPatch, quicker: str
) -> None:
    host, pool = service.hosts.get("local"), "default"
    for name in ("kernel", "half", PARTIAL + "half", "last"):
        host.volumes.create(pool, volume_xml(name, 1 << 20, "raw"))
    really = Volumes.delete

    def delete(self: Volumes, of: str, name: str) -> None:
        if name == quicker:
            really(self, of, name)
        really(self, of, name)

    with monkeypatch.context() as patch:
        patch.setattr(Volumes, "delete", delete)
        undo_tree(host, {"pool": pool, "machines": [{"a": "kernel", "b": "half", "c": "last"}]})
    assert not {"kernel", "half", PARTIAL + "half", "last"} & set(host.volumes.names(pool))
