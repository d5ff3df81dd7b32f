"""The bed itself: what other tests rely on."""

import libvirt

from tests.qemu.bed import Bed, wait_for


def test_a_machine_moves_between_the_hosts_on_shared_storage(bed: Bed) -> None:
    disk = bed.a.make_disk("walker.qcow2", folder=bed.shared)
    bed.a.define(bed.guest_xml("walker", disk=disk), start=True)
    bed.a.virsh("migrate", "--live", "--p2p", "--persistent", "--undefinesource", "walker", bed.b.uri)
    assert bed.b.state("walker") == "running"
    assert bed.a.state("walker") == ""


def test_the_guest_agent_answers(bed: Bed) -> None:
    bed.a.define(bed.guest_xml("talker", agent=True), start=True)
    wait_for(lambda: bed.a.virsh("qemu-agent-command", "talker", '{"execute":"guest-ping"}', check=False), 60)


def test_a_cut_cable_is_silence_and_can_be_mended(bed: Bed) -> None:
    assert bed.b.answers()
    bed.cut_network("b")
    assert "reply" not in bed.a.space.run("ping", "-c1", "-W1", bed.b.address, check=False).replace("1 received", "reply")
    bed.mend_network()
    wait_for(bed.b.answers)


def test_libvirtd_stops_and_comes_back_with_its_machines(bed: Bed) -> None:
    bed.a.define(bed.guest_xml("stayer"), start=True)
    bed.a.stop_libvirtd()
    bed.a.start_libvirtd()
    assert bed.a.state("stayer") == "running"
    connection = libvirt.open(bed.a.uri)
    assert [domain.name() for domain in connection.listAllDomains()] == ["stayer"]
    connection.close()
