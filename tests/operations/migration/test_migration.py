"""What a move means before it begins: wishes, forecast, progress, and definitions for the other side."""

from dataclasses import replace
from pathlib import Path

import pytest

from quarterdeck.model.locking import Locking
from quarterdeck.model.migration import MigrationRequest, NetworkWish
from quarterdeck.model.migration_rules import CLASHES, STYLES, Versions, faults, offered
from quarterdeck.model.moving import destined, link_speed, moved_machine, pool_identity
from quarterdeck.operations.migration.advice import advice
from quarterdeck.operations.migration.checks import PASSED
from quarterdeck.operations.migration.dirtying import Dirtying, careful, dirtying
from quarterdeck.operations.migration.forecast import Load, Wayout, experience, forecast, forecast_disks
from quarterdeck.operations.migration.forecasts import Forecasts, Links, Moves
from quarterdeck.operations.migration.progress import Meter
from quarterdeck.operations.migration.rules import rules
from quarterdeck.operations.migration.rules_devices import told
from quarterdeck.operations.migration.rules_networks import with_card
from quarterdeck.store import Store

MIB = 1 << 20
MACHINE = """<domain type='kvm'><name>web</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>
<memory unit='MiB'>512</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><kernel>/boot/k</kernel></os><cpu mode='host-model'/>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a/web.qcow2'/><target dev='vda'/>
</disk>
<disk type='network' device='disk'><source protocol='rbd' name='p/i'/><target dev='vdb'/></disk>
<disk type='file' device='cdrom'><source file='/iso/x.iso'/><target dev='sda'/><readonly/></disk>
<disk type='file' device='cdrom'><target dev='sdb'/><readonly/></disk>
<interface type='network'><source network='default'/></interface>
<interface type='bridge'><source bridge='br0'/></interface>
</devices></domain>"""


@pytest.mark.parametrize(
    ("wishes", "pointer"),
    [
        ({"tunnelled": True, "parallel": 4}, "/parallel"),
        ({"tunnelled": True, "post_copy": True}, "/post_copy"),
        ({"tunnelled": True, "storage": "copy"}, "/storage"),
        ({"tunnelled": True, "transfer_address": "10.0.0.2"}, "/transfer_address"),
        ({"post_copy": True, "leave_paused": True}, "/leave_paused"),
        ({"post_copy": True, "mode": "paused"}, "/post_copy"),
        ({"parallel": 2, "compressed": True}, "/compressed"),
        ({"undefine_source": True, "persistent": False}, "/undefine_source"),
        ({"mode": "offline", "storage": "incremental"}, "/storage"),
        ({"mode": "offline", "storage": "copy", "transfer_address": "10.0.0.2"}, "/transfer_address"),
        ({"mode": "offline", "storage": "copy", "synchronous_writes": True}, "/synchronous_writes"),
        ({"mode": "offline", "persistent": False}, "/persistent"),
        ({"mode": "offline", "bandwidth_mib_s": 5}, "/bandwidth_mib_s"),
        ({"start": True}, "/start"),
        ({"pool": "default"}, "/pool"),
        ({"disks": [{"target": "vda"}]}, "/disks"),
        ({"parallel": 2, "compressed": True, "compression_method": "mt"}, "/compressed"),
        ({"compressed": True, "compression_method": "zstd"}, "/compression_method"),
        ({"compression_method": "xbzrle"}, "/compression_method"),
        ({"compressed": True, "compression_level": 3}, "/compression_level"),
        ({"zero_copy": True}, "/zero_copy"),
        ({"zero_copy": True, "parallel": 2, "tls": True}, "/zero_copy"),
        ({"tls_name": "b"}, "/tls_name"),
        ({"auto_converge_initial": 30}, "/auto_converge_initial"),
        ({"post_copy_bandwidth_mib_s": 30}, "/post_copy_bandwidth_mib_s"),
        ({"synchronous_writes": True}, "/synchronous_writes"),
    ],
)
def test_wishes_that_do_not_go_together_are_refused_at_their_field(wishes: dict[str, object], pointer: str) -> None:
    request = MigrationRequest.model_validate({"destination": "b"} | wishes)
    assert pointer in {error.pointer for error in faults(request, Versions())}
    blocked = {option.name for option in offered(request, Versions()).options if option.blocked}
    other = pointer.removeprefix("/")
    assert other in blocked | {"storage", "pool", "disks", "compression_method", "persistent"}


def test_plain_wishes_are_fine() -> None:
    def good(**wishes: object) -> bool:
        return faults(MigrationRequest.model_validate({"destination": "b"} | wishes), Versions()) == []

    assert good(undefine_source=True, post_copy=True, auto_converge=True, auto_converge_initial=30)
    assert good(mode="offline", start=True)
    assert good(
        mode="offline", storage="copy", disks=[{"target": "vda", "pool": "fast"}], bandwidth_mib_s=5, rename="b"
    )
    assert good(parallel=2, compressed=True, compression_method="zstd")
    assert good(storage="copy", disks=[{"target": "vda", "pool": "fast"}], synchronous_writes=True)
    assert all(good(**style.sets) for style in STYLES)


def test_some_wishes_depend_on_the_versions_of_both_hosts() -> None:
    old, new = Versions(((7, 2),), ((9, 0),)), Versions(((7, 2), (10, 0)), ((11, 3),))
    both = MigrationRequest(destination="b", parallel=2, post_copy=True)
    assert faults(both, old) == []
    assert [error.pointer for error in faults(both, new)] == ["/post_copy"]
    plain = MigrationRequest(destination="b", compressed=True)
    assert offered(plain, new).ruled_out["compression_method"]["mt"] == "QEMU 10 no longer has the method mt."
    assert "9.4" in offered(plain.model_copy(update={"parallel": 2}), old).ruled_out["compression_method"]["zstd"]


def test_a_wish_that_excludes_another_is_blocked_from_both_sides() -> None:
    parallel = offered(MigrationRequest(destination="b", parallel=2), Versions())
    assert {o.name: o.blocked for o in parallel.options}["tunnelled"] == (
        "A tunnelled transfer has one connection only; leave parallel out."
    )


def test_the_rules_name_only_what_there_is() -> None:
    names = {clash.name for clash in CLASHES} | {name for clash in CLASHES for name in clash.where}
    assert names <= set(MigrationRequest.model_fields)
    assert all(set(style.sets) <= set(MigrationRequest.model_fields) for style in STYLES)


def test_the_form_has_a_fitting_input_for_each_option() -> None:
    kinds = {o.name: o.kind for o in offered(MigrationRequest(destination="b"), Versions()).options}
    assert {kinds["parallel"], kinds["bandwidth_mib_s"], kinds["auto_converge_initial"]} == {"number"}
    assert {kinds["rename"], kinds["tls_name"], kinds["listen_address"]} == {"text"}
    assert (kinds["tls"], kinds["compression_method"]) == ("switch", "choice")


def test_what_helps_a_move_is_one_sentence() -> None:
    stats = {"memory_total": 100 * MIB, "memory_remaining": 50 * MIB, "memory_bps": 10 * MIB, "memory_iteration": 3}
    stats |= {"memory_dirty_rate": 20 * 256, "memory_page_size": 4096}

    def helps(more: dict[str, int], limit: int | None = None, **wishes: bool) -> str:
        seen = Meter(100 * MIB).read(stats | more)
        given = {"post_copy": False, "auto_converge": False} | wishes
        return advice(seen, bandwidth_mib_s=limit, max_downtime_ms=300, **given) or ""

    assert "Allow a pause of 1050 ms" in helps({"memory_remaining": 10 * MIB})
    assert "limit of 10 MiB/s" in helps({}, 10)
    assert "held back by 40 %" in helps({"auto_converge_throttle": 40}, auto_converge=True)
    assert "next pass" in helps({}, auto_converge=True)
    assert "post-copy" in helps({}, post_copy=True)
    assert "arrives in about 5 s" in helps({})
    assert helps({"memory_dirty_rate": 0}) == ""


def test_the_share_done_never_goes_back_though_memory_is_sent_again() -> None:
    meter = Meter(100 * MIB)
    looks = [
        {"time_elapsed": 500},
        {"time_elapsed": 1000, "disk_total": 50 * MIB, "disk_remaining": 25 * MIB, "disk_processed": 25 * MIB},
        {"time_elapsed": 1500, "disk_total": 50 * MIB, "disk_remaining": 0, "disk_processed": 50 * MIB}
        | {"memory_total": 100 * MIB, "memory_remaining": 50 * MIB, "memory_bps": 40 * MIB, "memory_iteration": 1},
        {"time_elapsed": 2000, "disk_total": 50 * MIB, "disk_remaining": 0, "memory_total": 100 * MIB}
        | {"memory_remaining": 90 * MIB, "memory_bps": 40 * MIB, "memory_iteration": 2, "downtime": 900}
        | {"memory_dirty_rate": 5 * 256, "memory_page_size": 4096},
    ]
    seen = [meter.read(look) for look in looks]
    assert [each.phase for each in seen] == ["prepare", "disks", "memory", "memory"]
    assert [each.total_bytes // MIB for each in seen] == [100, 150, 150, 150]
    assert [each.remaining_bytes // MIB for each in seen] == [100, 125, 50, 90]
    shares = [each.fraction for each in seen]
    assert shares == sorted(shares)
    assert seen[1].rate_bytes_s == 50 * MIB
    assert seen[2].expected_downtime_ms is None
    assert seen[3].expected_downtime_ms == 900
    assert seen[3].dirty_rate_bytes_s == 5 * MIB
    assert seen[3].eta_seconds == pytest.approx(90 / 35, abs=0.1)


def test_a_guest_that_is_quicker_than_the_network_has_no_end_in_sight() -> None:
    stats = {"memory_total": 100, "memory_remaining": 90, "memory_bps": MIB, "memory_iteration": 3}
    seen = Meter(100).read(stats | {"memory_dirty_rate": 512, "memory_page_size": 4096})
    assert seen.eta_seconds is None
    assert "faster than it can be sent" in seen.message


def test_a_transfer_that_stands_still_is_told() -> None:
    meter = Meter(100 * MIB)
    stats = {"memory_total": 100 * MIB, "memory_remaining": 50 * MIB, "memory_processed": 50 * MIB, "memory_bps": MIB}
    assert meter.read(stats | {"time_elapsed": 1000}).message == "Sending memory, pass 1"
    told = meter.read(stats | {"time_elapsed": 13_000}).message
    assert told == "Nothing has gone over for 12 s: the network to the destination may be down"
    assert (
        meter.read(stats | {"memory_processed": 51 * MIB, "time_elapsed": 14_000}).message == "Sending memory, pass 1"
    )


def test_forecast() -> None:
    calm = forecast(Load(1024 * MIB), 100, 300)
    assert calm.converges
    assert calm.seconds == pytest.approx(11.2, abs=0.2)
    assert (calm.pause_ms or 0) <= 350
    assert forecast(Load(1024 * MIB, 1024 * MIB), 100, 300).seconds == pytest.approx(21.5, abs=0.3)
    busy = forecast(Load(1024 * MIB, 0, Dirtying(50 * MIB)), 100, 300)
    assert (busy.seconds or 0) > (calm.seconds or 0)
    mad = forecast(Load(1024 * MIB, 0, Dirtying(200 * MIB)), 100, 300)
    assert (mad.converges, mad.seconds) == (False, None)
    assert "auto-converge" in mad.text


def test_a_guest_that_rewrites_little_very_fast_still_arrives() -> None:
    small = forecast(Load(1024 * MIB, 0, Dirtying(200 * MIB, 20 * MIB)), 100, 300)
    assert small.seconds == pytest.approx(1 + 10.24 + 0.2, abs=0.1)
    assert (small.converges, small.pause_ms) == (True, 277)
    large = forecast(Load(1024 * MIB, 0, Dirtying(200 * MIB, 400 * MIB)), 100, 300)
    assert (large.converges, large.working_set_bytes) == (False, 400 * MIB)


def test_what_is_left_for_the_pause_is_not_held_back_by_the_limit() -> None:
    told = forecast(Load(100 * MIB, empty=60 * MIB), 10, 8000)
    assert told.data_bytes == 100 * MIB
    assert told.pause_ms == pytest.approx(50 + 1000 * 40 / 117, abs=5)  # 64 MiB are not yet looked at, 40 of them full
    assert told.seconds == pytest.approx(1 + 6.0 + 40 / 117, abs=0.1)


def test_a_guest_that_is_slowed_down_arrives_and_the_forecast_says_by_how_much() -> None:
    busy = Load(1024 * MIB, 0, Dirtying(200 * MIB))
    slowed = forecast(busy, 100, 300, wayout=Wayout(auto_converge=True))
    assert (slowed.converges, slowed.helps) == (True, None)
    assert "slowed down by up to 80% meanwhile" in slowed.text
    quicker = forecast(busy, 100, 300, wayout=Wayout(auto_converge=True, initial=0.8))
    assert (quicker.seconds or 0) < (slowed.seconds or 0)


def test_a_guest_that_may_be_finished_by_post_copy_is_told_when_that_pays() -> None:
    told = forecast(Load(1024 * MIB, 0, Dirtying(200 * MIB)), 100, 300, wayout=Wayout(post_copy=True))
    assert (told.converges, told.helps) == (False, None)
    assert told.text.endswith("finish it by post-copy when all has gone over once, in about 11 s.")


@pytest.mark.parametrize("real", [Dirtying(10 * MIB, 16 * MIB), Dirtying(80 * MIB, 40 * MIB), Dirtying(30 * MIB, 1e9)])
def test_two_periods_tell_how_fast_and_how_much_a_guest_rewrites(real: Dirtying) -> None:
    found = dirtying(int(real.after(1)), int(real.after(3)))
    assert found.bytes_s == pytest.approx(real.bytes_s, rel=0.02)
    assert found.after(20) == pytest.approx(real.after(20), rel=0.02)


def test_few_samples_are_taken_with_care() -> None:
    assert careful([0, 0]) == 0
    assert careful([4 * MIB]) == pytest.approx(6.8 * MIB, rel=0.01)
    assert careful([0, 8 * MIB, 4 * MIB, 4 * MIB]) == pytest.approx(5.4 * MIB, rel=0.01)
    assert careful([1000 * MIB]) < 1050 * MIB


def test_a_sample_that_shrinks_or_grows_without_end_is_taken_as_what_it_is() -> None:
    assert dirtying(0, None) == Dirtying()
    assert dirtying(10 * MIB, 6 * MIB).after(60) == pytest.approx(8 * MIB, rel=0.02)
    assert dirtying(10 * MIB, 33 * MIB) == Dirtying(11 * MIB)


def moved(seconds: float, **more: object) -> dict[str, object]:
    """A row of an earlier move."""
    rest = {
        "time": "2026-05-01T10:00:00.000+00:00",
        "sent_bytes": None,
        "limited": 0,
        "raw_seconds": None,
        "told_seconds": None,
        "start_seconds": None,
    }
    return {"seconds": seconds} | rest | more


def test_a_forecast_learns_from_what_earlier_moves_took() -> None:
    learnt = experience(
        [
            moved(5.0, sent_bytes=200 * MIB, raw_seconds=2.0, told_seconds=4.0, start_seconds=3.0),
            moved(3.0, sent_bytes=200 * MIB, raw_seconds=2.0),
            moved(99.0, sent_bytes=200 * MIB, limited=1),
        ]
    )
    assert learnt.link_bytes_s == 100 * MIB
    assert (learnt.factor, learnt.error_percent, learnt.moves) == (2.0, 25, 3)
    plain = forecast(Load(1000 * MIB), None, 300)
    better = forecast(Load(1000 * MIB), None, 300, 1250 * MIB, learnt)
    assert (plain.link_source, better.link_source) == ("assumed", "learnt")
    assert better.seconds == pytest.approx(23.0, abs=0.1)
    assert better.start_seconds == 3.0
    assert better.raw_seconds == pytest.approx(11.0, abs=0.1)
    assert experience([]).factor == 1.0
    assert better.link_seen == "2026-05-01T10:00:00.000+00:00"
    assert forecast(Load(MIB), 10, 300, None, learnt).link_source == "limit"
    assert forecast(Load(MIB), None, 300, 1250 * MIB).link_source == "card"


def test_what_a_test_stream_reached_is_kept_with_its_age_and_counts_until_a_newer_move(tmp_path: Path) -> None:
    Links(Store(tmp_path / "q.sqlite")).put("a", "b", 50 * MIB)
    store = Store(tmp_path / "q.sqlite")
    known = Forecasts(Moves(store), Links(store))
    assert (known.knows_link("a", "b"), known.knows_link("b", "a")) == (True, False)
    Moves(store).add(source="a", destination="b", uuid="u", name="vm", seconds=3.0, sent_bytes=200 * MIB, limited=0)
    both = known.experience("a", "b")
    assert forecast(Load(MIB), None, 300, None, both).link_source == "learnt"
    older = replace(both, link_seen="2020-01-01T00:00:00.000+00:00")
    told = forecast(Load(MIB), None, 300, None, older)
    assert (told.link_source, told.link_bytes_s, told.link_seen) == ("measured", 50 * MIB, both.measured)
    store.write("UPDATE links SET time='2020-01-01'")
    store.write("UPDATE moves SET time='2020-01-01'")
    assert not known.knows_link("a", "b")


def test_moves_of_machines_that_are_off_teach_their_own_forecast_only(tmp_path: Path) -> None:
    store = Store(tmp_path / "q.sqlite")
    moves, known = Moves(store), Forecasts(Moves(store), Links(store))
    between = {"source": "a", "destination": "b", "uuid": "u", "name": "vm", "limited": 0}
    moves.add(**between, seconds=3.0, start_seconds=1.0, sent_bytes=200 * MIB)
    assert forecast_disks(100 * MIB, None, None, known.experience("a", "b", off=True)).link_source == "assumed"
    moves.add(**between, off=True, seconds=10.5, start_seconds=0.5, sent_bytes=200 * MIB)
    off = forecast_disks(100 * MIB, None, None, known.experience("a", "b", off=True))
    assert (off.seconds, off.link_source, off.learnt_from) == (5.5, "learnt", 1)
    assert forecast(Load(100 * MIB), None, 300, None, known.experience("a", "b")).link_bytes_s == 100 * MIB


def test_a_forecast_names_the_style_that_helps() -> None:
    mad = forecast(Load(1024 * MIB, 0, Dirtying(200 * MIB)), 100, 300).helps
    assert mad is not None
    assert (mad.about, (mad.wish or {})["post_copy"]) == ("must_finish", True)
    assert forecast(Load(1024 * MIB), 100, 300).helps is None


def test_the_speed_of_the_quickest_card_that_is_connected() -> None:
    def card(link: str) -> str:
        return f"<device><name>n</name><capability type='net'>{link}</capability></device>"

    cards = [card("<link speed='1000' state='up'/>"), card("<link speed='10000' state='down'/>"), card("<link/>")]
    assert link_speed(cards) == 125_000_000
    assert link_speed([card("")]) is None


def test_what_of_a_machine_must_fit_the_other_host() -> None:
    machine = moved_machine(MACHINE)
    assert [disk.target for disk in machine.disks if disk.is_data] == ["vda"]
    assert machine.disks[0].folder == "/a"
    assert (machine.networks, machine.bridges, machine.files) == (("default",), ("br0",), ("/boot/k",))
    assert (machine.memory_mib, machine.machine, machine.cpu_mode) == (512, "pc-q35-7.2", "host-model")


def test_the_definition_for_the_other_side_changes_only_what_it_must() -> None:
    xml = destined(MACHINE, rename="shop", paths={"vda": "/b/web.qcow2"})
    assert xml == MACHINE.replace("<name>web", "<name>shop").replace("/a/web", "/b/web").replace("'", '"')


def test_the_name_of_a_bridge_is_one_word_of_the_commands_that_make_it() -> None:
    assert with_card("b", "br0;reboot").count("'br0;reboot'") == with_card("b", "br0").count(" br0") == 4


def test_interfaces_are_plugged_in_elsewhere() -> None:
    wishes = {
        w.source: w for w in (NetworkWish(source="default", bridge="br1"), NetworkWish(source="br0", network="n"))
    }
    xml = destined(MACHINE, paths={}, networks=wishes)
    assert '<interface type="bridge"><source bridge="br1"/></interface>' in xml
    assert '<interface type="network"><source network="n"/></interface>' in xml


def test_pools_are_the_same_only_when_their_server_is() -> None:
    def nfs(host: str, folder: str) -> tuple[str, ...] | None:
        source = f"<source><host name='{host}'/><dir path='{folder}'/><format type='nfs'/></source>"
        return pool_identity(f"<pool type='netfs'><name>any</name>{source}</pool>")

    assert nfs("nas", "/x") == nfs("nas", "/x/")
    assert nfs("nas", "/x") != nfs("nas", "/y")
    assert nfs("nas", "/x") != nfs("other", "/x")
    assert pool_identity("<pool type='dir'><target><path>/x</path></target></pool>") is None


def test_a_folder_by_virtiofs_is_left_to_a_libvirt_that_may_move_it() -> None:
    assert [told("virtiofs", each)[0] for each in ("9.0.0", "10.0.0", "10.10.0", "11.4.0")] == [
        "danger", "danger", "warning", "warning",
    ]  # fmt: skip
    assert "virtiofsd 1.11" in told("virtiofs", "10.10.0")[2]


def test_each_check_has_words_for_where_it_finds_nothing() -> None:
    assert list(PASSED) == list(rules(lambda _host: Locking(manager="none", text="")))
