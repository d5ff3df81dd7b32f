"""A move in libvirt's flags and parameters, as virsh would set them."""

from typing import Any

import libvirt
import pytest

from quarterdeck.hypervisor.migrations import Move, flags_of, parameters_of
from quarterdeck.model.migration import MigrationRequest, options
from quarterdeck.operations.migration.virsh import virsh


def move(**settings: Any) -> Move:
    """A move with these wishes; what is no wish is of the move itself."""
    own = {name: settings.pop(name) for name in list(settings) if name not in MigrationRequest.model_fields}
    request = MigrationRequest.model_validate({"destination": "b"} | settings)
    return Move(request, "qemu+tcp://b/system", "tcp://10.0.0.2", **own)


def test_a_plain_live_move_is_driven_by_the_source_and_protected() -> None:
    assert flags_of(move()) == (
        libvirt.VIR_MIGRATE_LIVE
        | libvirt.VIR_MIGRATE_PEER2PEER
        | libvirt.VIR_MIGRATE_PERSIST_DEST
        | libvirt.VIR_MIGRATE_CHANGE_PROTECTION
        | libvirt.VIR_MIGRATE_ABORT_ON_ERROR
    )
    assert parameters_of(move()) == {"migrate_uri": "tcp://10.0.0.2"}


def test_an_offline_move_has_none_of_the_flags_of_memory() -> None:
    assert flags_of(move(mode="offline", undefine_source=True)) == (
        libvirt.VIR_MIGRATE_PEER2PEER
        | libvirt.VIR_MIGRATE_OFFLINE
        | libvirt.VIR_MIGRATE_PERSIST_DEST
        | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE
    )


def test_disks_are_copied_only_where_there_are_any() -> None:
    both = move(storage="copy", copy_disks=("vda", "vdb"))
    assert flags_of(both) & libvirt.VIR_MIGRATE_NON_SHARED_DISK
    assert parameters_of(both)["migrate_disks"] == ["vda", "vdb"]
    assert flags_of(move(storage="incremental", copy_disks=("vda",))) & libvirt.VIR_MIGRATE_NON_SHARED_INC
    assert not flags_of(move(storage="incremental")) & libvirt.VIR_MIGRATE_NON_SHARED_INC


def test_a_tunnel_needs_no_address() -> None:
    assert parameters_of(move(tunnelled=True)) == {}


@pytest.mark.parametrize(
    ("wish", "flag", "parameters", "words"),
    [
        ({"bandwidth_mib_s": 9}, 0, {"bandwidth": 9}, "--bandwidth 9"),
        ({"auto_converge": True}, libvirt.VIR_MIGRATE_AUTO_CONVERGE, {}, "--auto-converge"),
        ({"auto_converge_initial": 30}, 0, {"auto_converge.initial": 30}, "--auto-converge-initial 30"),
        ({"auto_converge_increment": 5}, 0, {"auto_converge.increment": 5}, "--auto-converge-increment 5"),
        ({"post_copy": True}, libvirt.VIR_MIGRATE_POSTCOPY, {}, "--postcopy"),
        ({"post_copy_bandwidth_mib_s": 7}, 0, {"bandwidth.postcopy": 7}, "--postcopy-bandwidth 7"),
        (
            {"parallel": 4},
            libvirt.VIR_MIGRATE_PARALLEL,
            {"parallel.connections": 4},
            "--parallel --parallel-connections 4",
        ),
        ({"zero_copy": True}, libvirt.VIR_MIGRATE_ZEROCOPY, {}, "--zerocopy"),
        ({"tls": True}, libvirt.VIR_MIGRATE_TLS, {}, "--tls"),
        ({"tls_name": "b.lan"}, 0, {"tls.destination": "b.lan"}, "--tls-destination b.lan"),
        ({"listen_address": "10.0.0.2"}, 0, {"listen_address": "10.0.0.2"}, "--listen-address 10.0.0.2"),
        ({"compressed": True}, libvirt.VIR_MIGRATE_COMPRESSED, {}, "--compressed"),
        ({"compression_method": "mt"}, 0, {"compression": "mt"}, "--comp-methods mt"),
        ({"compression_level": 9}, 0, {"compression.mt.level": 9}, "--comp-mt-level 9"),
        ({"compression_threads": 3}, 0, {"compression.mt.threads": 3}, "--comp-mt-threads 3"),
        ({"decompression_threads": 2}, 0, {"compression.mt.dthreads": 2}, "--comp-mt-dthreads 2"),
        ({"compression_cache_mib": 2}, 0, {"compression.xbzrle.cache": 2097152}, "--comp-xbzrle-cache 2097152"),
        (
            {"synchronous_writes": True},
            libvirt.VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES,
            {},
            "--copy-storage-synchronous-writes",
        ),
        ({"disks_address": "fd00::2"}, 0, {"disks_uri": "tcp://[fd00::2]"}, "--disks-uri 'tcp://[fd00::2]'"),
        ({"unsafe": True}, libvirt.VIR_MIGRATE_UNSAFE, {}, "--unsafe"),
        ({"undefine_source": True}, libvirt.VIR_MIGRATE_UNDEFINE_SOURCE, {}, "--undefinesource"),
        ({"leave_paused": True}, libvirt.VIR_MIGRATE_PAUSED, {}, "--suspend"),
        ({"rename": "n"}, 0, {"destination_name": "n"}, "--dname n"),
    ],
)
def test_each_option_is_one_flag_or_parameter_and_one_word_of_virsh(
    wish: dict[str, Any], flag: int, parameters: dict[str, Any], words: str
) -> None:
    plain, wished = move(), move(**wish)
    assert flags_of(wished) == flags_of(plain) | flag
    assert parameters_of(wished) == parameters_of(plain) | parameters
    assert words in virsh("qemu:///system", "vm", wished)[-1]
    assert words not in virsh("qemu:///system", "vm", plain)[-1]


def test_every_flag_that_is_named_is_one_of_libvirts() -> None:
    assert [o.flag for _n, _i, o in options() if o.flag and not hasattr(libvirt, f"VIR_MIGRATE_{o.flag}")] == []


def test_definitions_for_the_other_side_are_handed_on() -> None:
    both = move(persistent_xml="<p/>", destination_xml="<d/>", graphics_uri="spice://10.0.0.9")
    assert parameters_of(both) == {
        "migrate_uri": "tcp://10.0.0.2",
        "graphics_uri": "spice://10.0.0.9",
        "persistent_xml": "<p/>",
        "destination_xml": "<d/>",
    }
