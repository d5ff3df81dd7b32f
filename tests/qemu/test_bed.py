"""The bed itself: what other tests rely on."""

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import libvirt
import pytest

from tests.qemu.bed import Bed, wait_for
from tests.qemu.bed.registry import entries, remove_stale
from tests.qemu.fixtures import pytest_runtest_setup


def test_a_machine_moves_between_the_hosts_on_shared_storage(bed: Bed) -> None:
    disk = bed.a.make_disk("walker.qcow2", folder=bed.shared)
    bed.a.define(bed.guest_xml("walker", disk=disk), start=True)
    bed.a.virsh("migrate", "--live", "--p2p", "--persistent", "--undefinesource", "walker", bed.b.uri)
    assert bed.b.state("walker") == "running"
    assert bed.a.state("walker") == ""


def test_the_guest_agent_answers(bed: Bed) -> None:
    bed.a.define(bed.guest_xml("talker", agent=True), start=True)
    wait_for(lambda: bed.a.virsh("qemu-agent-command", "talker", '{"execute":"guest-ping"}', check=False))


def test_a_cut_cable_is_silence_and_can_be_mended(bed: Bed) -> None:
    place = (bed.b.address, 16509)
    socket.create_connection(place, timeout=1).close()
    bed.cut_network("b")
    with pytest.raises(TimeoutError):
        socket.create_connection(place, timeout=1)
    bed.mend_network()
    wait_for(bed.b.answers)


def test_a_bed_whose_owner_was_killed_is_gone_and_its_leftovers_go_with_the_next() -> None:
    folder = Path(tempfile.mkdtemp(prefix="qdbed-", dir="/tmp"))
    script = """import sys; from pathlib import Path; from tests.qemu.bed import Bed
Bed(Path(sys.argv[1])); print('up', flush=True); input()"""
    owner = subprocess.Popen([sys.executable, "-c", script, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert owner.stdout
    assert owner.stdout.readline() == b"up\n"
    (entry,) = (entry for entry in entries() if entry.folder == str(folder))
    owner.kill()
    owner.wait()
    wait_for(lambda: not any(process.alive() for process in entry.inside), what="its processes gone")
    remove_stale()
    assert not folder.exists()
    assert entry not in entries()


def test_libvirtd_stops_and_comes_back_with_its_machines(bed: Bed) -> None:
    bed.a.define(bed.guest_xml("stayer"), start=True)
    bed.a.stop_libvirtd()
    bed.a.start_libvirtd()
    assert bed.a.state("stayer") == "running"
    connection = libvirt.open(bed.a.uri)
    assert [domain.name() for domain in connection.listAllDomains()] == ["stayer"]
    connection.close()


def test_a_libvirtd_that_died_is_back_before_the_next_test_and_both_are_told(
    bed: Bed, request: pytest.FixtureRequest
) -> None:
    bed.user = "somebody"
    bed.b.stop_libvirtd("KILL")
    with pytest.warns(UserWarning, match="libvirtd of host-b, last used by somebody:\ngone"):
        pytest_runtest_setup(request.node)
    assert bed.b.answers()
    assert bed.user == request.node.nodeid


def test_a_libvirtd_that_crashes_is_started_anew_as_on_a_host_with_systemd_and_that_is_told(bed: Bed) -> None:
    bed.a.define(bed.guest_xml("stayer"), start=True)
    bed.a.crash_libvirtd()
    assert bed.a.state("stayer") == "running"
    with pytest.warns(UserWarning, match="libvirtd of host-a, last used by .*:\ncrashed"):
        bed.revive()
