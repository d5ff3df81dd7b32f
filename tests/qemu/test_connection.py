"""A real host: lost and regained, its events in order, its consoles, and nothing left open."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from quarterdeck.hypervisor.host import Host
from quarterdeck.hypervisor.hosts import Hosts, HostSpec, Reach
from quarterdeck.hypervisor.watch import News
from quarterdeck.problems import Problem
from tests.qemu.bed import Bed, wait_for

VOLUME = """<volume><name>{name}</name><capacity unit='bytes'>{size}</capacity>
<target><format type='raw'/></target></volume>"""


class Ears:
    """All news, in order."""

    def __init__(self) -> None:
        self.heard: list[News] = []

    def events(self, kind: str) -> list[str]:
        return [news.event for news in self.heard if news.kind == kind]


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def hosts(bed: Bed, ears: Ears) -> Iterator[Hosts]:
    """Host a as the local one, host b over TCP."""
    made = Hosts([HostSpec("b", "tcp", bed.b.address)], bed.a.local_uri, ears.heard.append, reach=Reach(allow_tcp=True))
    made.start()
    for host in made.all():
        assert host.wait_connected(60)
    yield made
    made.close()


@pytest.fixture
def a(hosts: Hosts) -> Host:
    return hosts.get("local")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def read_until(sock: socket.socket, text: bytes, seconds: float = 90) -> bytes:
    sock.settimeout(seconds)
    seen = b""
    while text not in seen:
        data = sock.recv(4096)
        assert data, seen
        seen += data
    return seen


def test_a_host_whose_libvirtd_stops_is_lost_at_once_and_regained(bed: Bed, hosts: Hosts, ears: Ears) -> None:
    host = hosts.get("b")
    uuid = bed.b.define(bed.guest_xml("stayer"), start=True)
    bed.b.stop_libvirtd()
    wait_for(lambda: host.state == "lost")
    with pytest.raises(Problem) as lost:
        host.domains.rows()
    assert lost.value.slug == "host-lost"
    bed.b.start_libvirtd()
    wait_for(lambda: host.state == "connected")
    row = host.domains.row(uuid)
    assert row is not None
    assert row.state == "running"

    def events() -> list[str]:
        return [news.event for news in ears.heard if (news.kind, news.host) == ("host", "b")]

    wait_for(lambda: events()[-1] == "connected", what="the news that it is back")
    assert events()[0] == "connected"
    assert "lost" in events()


def test_a_host_that_falls_silent_is_given_up_by_the_keep_alive(bed: Bed, hosts: Hosts) -> None:
    host = hosts.get("b")
    bed.cut_network("b")
    wait_for(lambda: host.state == "lost")
    assert hosts.get("local").domains.rows() == []
    bed.mend_network()
    wait_for(lambda: host.state == "connected")


def test_a_host_comes_back_whole_fifty_times_and_leaves_nothing_open(bed: Bed) -> None:
    def once() -> int:
        made = Hosts([], bed.a.local_uri, lambda news: None)
        made.start()
        assert made.get("local").wait_connected(60)
        made.get("local").domains.rows()
        made.close()
        return open_files()

    first = once()
    for _ in range(50):
        once()
    wait_for(lambda: open_files() <= first)


def test_reopening_after_a_loss_leaves_nothing_open(bed: Bed, hosts: Hosts) -> None:
    host = hosts.get("b")
    before = open_files()
    for _ in range(3):
        bed.b.stop_libvirtd()
        wait_for(lambda: host.state == "lost")
        bed.b.start_libvirtd()
        host.retry()
        wait_for(lambda: host.state == "connected")
    wait_for(lambda: open_files() <= before)


def test_a_start_is_told_in_order_as_it_is_by_virsh(bed: Bed, a: Host, ears: Ears) -> None:
    bed.a.virsh("define", str(_saved(bed, bed.guest_xml("starter"))))
    bed.a.virsh("start", "starter")
    wait_for(lambda: "started" in ears.events("domain"))
    told = [event for event in ears.events("domain") if event in ("defined", "started", "resumed")]
    assert told == ["defined", "resumed", "started"]


def _saved(bed: Bed, xml: str) -> Path:
    file = bed.folder / "machine.xml"
    file.write_text(xml)
    return file


def test_rows_of_real_machines(bed: Bed, a: Host) -> None:
    on = bed.a.define(bed.guest_xml("on", memory_mib=96, vcpus=2), start=True)
    off = bed.a.define(bed.guest_xml("off"))
    rows = {row.uuid: row for row in a.domains.rows()}
    assert (rows[on].state, rows[on].reason, rows[on].vcpus, rows[on].memory_kib) == ("running", "booted", 2, 96 * 1024)
    assert (rows[off].state, rows[off].vcpus_max, rows[off].memory_max_kib) == ("shut_off", 1, 128 * 1024)
    assert a.domains.row(on) == rows[on]
    wait_for(lambda: a.stats.samples()[on].cpu_ns > 0)
    assert off not in a.stats.samples()


def test_the_console_of_a_local_machine_needs_no_port(bed: Bed, a: Host) -> None:
    uuid = bed.a.define(bed.guest_xml("screen"), start=True)
    with a.streams.open_graphics(uuid) as sock:
        assert read_until(sock, b"\n") == b"RFB 003.008\n"


def test_the_console_of_a_machine_behind_ssh(bed: Bed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    uuid = bed.b.define(bed.guest_xml("far"), start=True)
    key = bed.start_ssh()
    config = tmp_path / "ssh"
    config.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -o UserKnownHostsFile={key.parent}/known_hosts "$@"\n')
    config.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    made = Hosts(
        [HostSpec("far", "ssh", bed.b.address, user="root")],
        bed.a.local_uri,
        lambda news: None,
        reach=Reach(ssh_key=key),
    )
    made.start()
    host = made.get("far")
    assert host.wait_connected(60), host.problem and host.problem.raw
    with host.streams.open_graphics(uuid) as sock:
        assert read_until(sock, b"\n") == b"RFB 003.008\n"
    with host.streams.open_console(uuid) as sock:
        read_until(sock, b"tick")
    with pytest.raises(Problem, match="does not listen on the network"):
        host.streams.graphics(uuid)
    made.close()


def test_the_serial_console_takes_one_person_and_leaves_nothing_open(bed: Bed, a: Host) -> None:
    uuid = bed.a.define(bed.guest_xml("ticker"), start=True)
    before = open_files()
    with a.streams.open_console(uuid) as sock:
        read_until(sock, b"tick")
        with pytest.raises(Problem) as taken:
            a.streams.open_console(uuid)
        assert "serial console open" in taken.value.detail
        with a.streams.open_console(uuid, force=True) as other:
            read_until(other, b"tick")
            while sock.recv(4096):
                pass
    wait_for(lambda: open_files() <= before, what="files are closed, also of the console that was refused")


def test_the_console_ends_when_the_machine_does(bed: Bed, a: Host) -> None:
    uuid = bed.a.define(bed.guest_xml("ender"), start=True)
    with a.streams.open_console(uuid) as sock:
        read_until(sock, b"tick")
        a.domains.destroy(uuid)
        while sock.recv(4096):
            pass


def test_bytes_travel_up_and_down(bed: Bed, a: Host) -> None:
    content = bytes(range(256)) * 4096
    a.volumes.create("default", VOLUME.format(name="bytes.img", size=len(content)))
    with a.volumes.upload("default", "bytes.img", len(content)) as writer:
        writer.write(content)
    assert b"".join(a.volumes.download("default", "bytes.img")) == content
    with pytest.raises(RuntimeError), a.volumes.upload("default", "bytes.img", len(content)) as writer:
        writer.write(content[:1000])
        raise RuntimeError
    assert a.volumes.row("default", "bytes.img").capacity == len(content)


def test_an_act_on_a_machine_with_a_job_is_refused_at_once(bed: Bed, a: Host) -> None:
    uuid = bed.a.define(bed.guest_xml("mover", dirty_mib=64), start=True)
    bed.a.virsh("migrate-setspeed", "mover", "1")
    words = ("migrate", "--live", "--p2p", "--unsafe", "mover", bed.b.uri)
    mover = threading.Thread(target=lambda: bed.a.virsh(*words, check=False))
    mover.start()
    wait_for(lambda: a.domains.is_busy(uuid))
    with pytest.raises(Problem) as busy:
        a.domains.suspend(uuid)
    assert (busy.value.slug, busy.value.raw) == ("busy", None), "libvirt itself, which waits for 30 s, was not asked"
    bed.a.virsh("domjobabort", "mover")
    mover.join(60)
    row = a.domains.row(uuid)
    assert row is not None
    assert row.state == "running"
