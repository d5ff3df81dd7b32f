"""A move in libvirt's flags and parameters, as virsh would set them."""

import libvirt

from quarterdeck.hypervisor.migrations import Move, flags_of, parameters_of

HERE = Move("qemu+tcp://b/system", "tcp://10.0.0.2")


def test_a_plain_live_move_is_driven_by_the_source_and_protected() -> None:
    assert flags_of(HERE) == (
        libvirt.VIR_MIGRATE_LIVE
        | libvirt.VIR_MIGRATE_PEER2PEER
        | libvirt.VIR_MIGRATE_PERSIST_DEST
        | libvirt.VIR_MIGRATE_CHANGE_PROTECTION
        | libvirt.VIR_MIGRATE_ABORT_ON_ERROR
    )
    assert parameters_of(HERE) == {"migrate_uri": "tcp://10.0.0.2"}


def test_an_offline_move_has_none_of_the_flags_of_memory() -> None:
    flags = flags_of(Move("qemu+tcp://b/system", "tcp://10.0.0.2", offline=True, undefine_source=True))
    assert flags == (
        libvirt.VIR_MIGRATE_PEER2PEER
        | libvirt.VIR_MIGRATE_OFFLINE
        | libvirt.VIR_MIGRATE_PERSIST_DEST
        | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE
    )


def test_disks_are_copied_only_where_there_are_any() -> None:
    both = Move("x", copy_disks=("vda", "vdb"))
    assert flags_of(both) & libvirt.VIR_MIGRATE_NON_SHARED_DISK
    assert parameters_of(both)["migrate_disks"] == ["vda", "vdb"]
    assert flags_of(Move("x", copy_disks=("vda",), incremental=True)) & libvirt.VIR_MIGRATE_NON_SHARED_INC
    assert not flags_of(Move("x", incremental=True)) & libvirt.VIR_MIGRATE_NON_SHARED_INC


def test_a_tunnel_needs_no_address() -> None:
    assert parameters_of(Move("x", "tcp://y", tunnelled=True)) == {}


def test_everything_else_is_handed_on() -> None:
    move = Move(
        "x", "tcp://y", parallel=4, bandwidth_mib_s=9, rename="n", persistent_xml="<p/>", destination_xml="<d/>"
    )
    assert parameters_of(move) == {
        "migrate_uri": "tcp://y",
        "parallel.connections": 4,
        "bandwidth": 9,
        "destination_name": "n",
        "persistent_xml": "<p/>",
        "destination_xml": "<d/>",
    }
