"""Two hosts come to trust each other over SSH for moves: planned, written, undone in whole, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.config import HostSetting
from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.bed.host import BedHost
from tests.qemu.moves import Site, on_shared, stand_still

FILES = ("known_hosts", "authorized_keys", "id_ed25519", "id_ed25519.pub")
SERVER = {"transport": "ssh", "user": "root"}


def ssh_files(host: BedHost) -> dict[str, str]:
    """Root's SSH files of a host."""
    folder = host.space.folder / "ssh"
    return {name: (folder / name).read_text() for name in FILES if (folder / name).exists()}


@pytest.fixture
def strangers(bed: Bed) -> Iterator[Bed]:
    """Both hosts with an SSH server; neither root has a key, knows the other's host key, or lets anybody in."""
    bed.start_ssh()
    before = {host: ssh_files(host) for host in (bed.a, bed.b)}
    for host in before:
        _put(host, {})
    yield bed
    for host, files in before.items():
        _put(host, files)


def _put(host: BedHost, files: dict[str, str]) -> None:
    folder = host.space.folder / "ssh"
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
        if name in files:
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(files[name])


def let_in(bed: Bed, ask: Any) -> None:
    """This server pins b's key, and its own is pasted there."""
    server = {"address": bed.b.address, "port": None}
    seen = ask("/hosts/keys", server)
    (bed.b.space.folder / "ssh/authorized_keys").write_text(seen["public_key"] + "\n")
    trusted = ask("/hosts/trust", server | {"user": "root", "fingerprint": seen["keys"][0]["fingerprint"]})
    assert trusted["works"], trusted


@pytest.fixture
def deck(strangers: Bed, tmp_path: Path) -> Iterator[Deck]:
    """A service that runs on host a itself, as root, and reaches b by SSH."""
    settings = {"local_uri": "qemu:///system", "demo": "true", "accelerator": "qemu"}
    space = strangers.a.space
    made = Deck(tmp_path, settings, prefix=space.enter(), address=strangers.a.address).start()
    made.login("demo", "demo")
    let_in(strangers, lambda path, body: made.ask("POST", path, body).json)
    added = made.ask("POST", "/hosts", SERVER | {"name": "b", "address": strangers.b.address})
    assert added.status == 201, added.json
    wait_for(lambda: made.ask("GET", "/hosts/b").json["state"] == "connected")
    yield made
    made.stop()


def unreached(deck: Deck, host: str, uuid: str, other: str) -> Any:
    seen = deck.ask("POST", f"/hosts/{host}/domains/{uuid}/migration/check", {"destination": other}).json
    return next((each for each in seen["findings"] if each["id"] == "reach"), None)


def test_each_host_is_let_in_to_the_other_from_the_page(strangers: Bed, deck: Deck) -> None:
    bed, empty = strangers, ssh_files(strangers.b)
    uuid = standing(bed)
    finding = unreached(deck, "local", uuid, "b")
    assert finding["commands"] == []
    assert [each["needs"] for each in finding["repairs"]] == ["host:edit"]
    names_that_mislead_are_told(bed, deck)
    there, seen = repaired(bed, deck, "local", uuid, "b")
    assert bed.b.address in there.json["file_diff"]
    assert "authorized_keys" not in there.json["file_diff"]
    assert ssh_files(bed.b) == empty
    streamed(deck, "local", uuid, "b", seen)
    move(deck, "local", uuid, "b")
    assert (bed.a.state("courier"), bed.b.state("courier")) == ("", "paused")
    bed.b.virsh("resume", "courier")
    stand_still(bed.b, "courier")

    (bed.a.space.folder / "ssh/authorized_keys").write_text("# nobody yet\n")
    with read_only(bed.a, "/root/.ssh/authorized_keys"):
        refused = repair(deck, "b", uuid, "local")
    assert refused.status == 502, refused.json
    assert ssh_files(bed.b) == empty
    back, seen = repaired(bed, deck, "b", uuid, "local")
    assert "ssh-keygen" in "\n".join(back.json["commands"])
    assert "# nobody yet\nssh-ed25519 " in ssh_files(bed.a)["authorized_keys"]
    streamed(deck, "b", uuid, "local", seen)
    with swallowed(bed, "49152"):
        seen = deck.ask("POST", f"/hosts/b/domains/{uuid}/migration/check", {"destination": "local"}).json
    facts = [each["fact"] for each in seen["findings"] if each["id"] == "data-port"]
    assert facts == [f"{bed.a.address} gives b no answer at port 49152."], seen
    move(deck, "b", uuid, "local")
    assert (bed.a.state("courier"), bed.b.state("courier")) == ("paused", "")
    entries = [each for each in deck.ask("GET", "/audit").json if "repair" in each["act"] and each["result"] == "ok"]
    assert "known_hosts of root on local" in entries[-1]["detail"], entries


def test_the_way_back_is_told_before_a_move_and_opened(strangers: Bed, deck: Deck) -> None:
    bed, uuid = strangers, standing(strangers)
    with swallowed(bed, "22"):
        silent = found(deck, uuid, "way-back")
    assert silent["fact"] == f"{bed.a.address} gives b no answer at port 22.", silent
    assert found(deck, uuid, "way-back") == silent, "it is not tried again at each look"
    measured = {"kind": "measure-link", "about": "", "move": {"destination": "b"}}
    after = deck.ask("POST", f"/hosts/local/domains/{uuid}/migration/repair", measured).json
    seen = next(each for each in after["findings"] if each["id"] == "way-back")
    assert (seen["severity"], [each["about"] for each in seen["repairs"]]) == ("warning", ["back"]), seen
    before = ssh_files(bed.a)
    body = {"kind": "trust-peer", "about": "back", "move": {"destination": "b"}}
    at = f"/hosts/local/domains/{uuid}/migration/repair"
    plan = deck.ask("POST", f"{at}?dry_run=true", body)
    assert "root on b can then log in as root on local without a password." in plan.json["warnings"], plan.json
    assert ssh_files(bed.a) == before
    done = deck.ask("POST", at, body)
    assert done.status == 200, done.json
    assert "way-back" not in [each["id"] for each in done.json["findings"]]
    assert found(deck, uuid, "reach")["severity"] == "danger", "the way there is another"


def standing(bed: Bed) -> str:
    """A machine whose disk both hosts see, and that stands still: no check waits to measure what it rewrites."""
    uuid = on_shared(bed, "courier")
    stand_still(bed.a, "courier")
    return uuid


def found(deck: Deck, uuid: str, id: str) -> Any:
    """What the check of a move to b finds under an id."""
    seen = deck.ask("POST", f"/hosts/local/domains/{uuid}/migration/check", {"destination": "b"}).json
    return next(each for each in seen["findings"] if each["id"] == id)


def names_that_mislead_are_told(bed: Bed, deck: Deck) -> None:
    """Assert that a name of the destination which leads every host back to itself is told."""
    uuid = bed.a.define(bed.guest_xml("named"))
    hosts = bed.folder / "hosts"  # of both hosts
    good, line = hosts.read_text(), f"{bed.b.address} host-b"
    assert misled(deck, uuid) == {}
    try:
        hosts.write_text(good.replace(line, "127.0.0.1 host-b"))
        back, by_name = misled(deck, uuid), misled(deck, uuid, transfer_address="host-b")
    finally:
        hosts.write_text(good)
        bed.a.virsh("undefine", "named")
    assert severities(back) == {"name-at-source": "warning", "name-at-destination": "warning"}, back
    assert back["name-at-source"]["fact"] == "b calls itself host-b; local finds 127.0.0.1 for that.", back
    assert back["name-at-source"]["cure"].endswith(f": {line}"), back
    assert back["name-at-destination"]["fact"] == "b calls itself host-b, and finds 127.0.0.1 for that.", back
    assert severities(by_name) == {"transfer-name": "danger"}, by_name
    assert by_name["transfer-name"]["fact"] == "local is to send the memory to host-b: that is local itself.", by_name


def misled(deck: Deck, uuid: str, **wishes: str) -> dict[str, Any]:
    """The findings about names, by their ids."""
    asked = {"destination": "b"} | wishes
    seen = deck.ask("POST", f"/hosts/local/domains/{uuid}/migration/check", asked).json
    return {each["id"]: each for each in seen["findings"] if "name" in each["id"]}


def severities(findings: dict[str, Any]) -> dict[str, str]:
    return {id: each["severity"] for id, each in findings.items()}


def repair(deck: Deck, host: str, uuid: str, other: str, query: str = "") -> Any:
    body = {"kind": "trust-peer", "about": "", "move": {"destination": other}}
    return deck.ask("POST", f"/hosts/{host}/domains/{uuid}/migration/repair{query}", body)


def repaired(bed: Bed, deck: Deck, host: str, uuid: str, other: str) -> tuple[Any, Any]:
    """The plan, which touched nothing, of a repair that cleared the finding, and the check after it."""
    before = [ssh_files(each) for each in (bed.a, bed.b)]
    plan = repair(deck, host, uuid, other, "?dry_run=true")
    assert plan.status == 200, plan.json
    assert [ssh_files(each) for each in (bed.a, bed.b)] == before
    done = repair(deck, host, uuid, other)
    assert done.status == 200, done.json
    assert "reach" not in [each["id"] for each in done.json["findings"]]
    return plan, done.json


def streamed(deck: Deck, host: str, uuid: str, other: str, before: Any) -> None:
    """Measure the network between both: planned first; the forecast then counts with what was measured."""
    at, body = f"/hosts/{host}/domains/{uuid}/migration", {"kind": "measure-link", "move": {"destination": other}}
    assert "measure-link" in [repair["kind"] for each in before["findings"] for repair in each["repairs"]]
    plan = deck.ask("POST", f"{at}/repair?dry_run=true", body).json
    assert "dd if=/dev/zero" in plan["commands"][1]
    assert before["forecast"]["link_source"] == "card"
    after = deck.ask("POST", f"{at}/repair", body)
    assert after.status == 200, after.json
    assert "link" not in [each["id"] for each in after.json["findings"]]
    assert "The ports of the transfer are open." in after.json["passed"], after.json
    told = after.json["forecast"]
    assert (told["link_source"], after.json["repaired"].endswith("MiB/s")) == ("measured", True)
    assert told["link_bytes_s"] > 1 << 20


def move(deck: Deck, host: str, uuid: str, other: str) -> None:
    answer = deck.ask(
        "POST", f"/hosts/{host}/domains/{uuid}/migration", {"destination": other, "undefine_source": True}
    )
    assert answer.status == 202, answer.json
    assert "qemu+ssh://root@" in deck.ended(answer.json["id"])["log"][0]["text"]


@contextmanager
def swallowed(bed: Bed, port: str) -> Iterator[None]:
    """Inside, what host b sends to a port of host a goes to a card that nobody has."""
    rule = ("to", bed.a.address, "ipproto", "tcp", "dport", port, "lookup", "100")
    nobody, ip = f"{bed.network}.77", partial(bed.b.space.run, "ip")
    ip("neighbour", "replace", nobody, "lladdr", "02:00:00:00:00:77", "dev", "eth0", "nud", "permanent")
    ip("route", "replace", "default", "via", nobody, "table", "100")
    ip("rule", "add", *rule)
    try:
        yield
    finally:
        ip("rule", "delete", *rule)
        ip("route", "delete", "default", "table", "100")
        ip("neighbour", "delete", nobody, "dev", "eth0")


class read_only:  # noqa: N801 - reads like a statement
    """Inside, nobody can write a file of a host."""

    def __init__(self, host: BedHost, path: str) -> None:
        self._host, self._path = host, path

    def __enter__(self) -> None:
        self._host.space.run("mount", "--bind", self._path, self._path)
        self._host.space.run("mount", "-o", "remount,ro,bind", self._path)

    def __exit__(self, *_: object) -> None:
        self._host.space.run("umount", self._path)


def test_what_this_server_may_not_write_is_a_command_to_paste(strangers: Bed, tmp_path: Path) -> None:
    """The service is not on host a here: it has no shell there, as a service that is not root has none of root's."""
    bed = strangers
    site = Site(bed, tmp_path, HostSetting(name="c", transport="tcp", address=bed.b.address))
    try:
        let_in(bed, lambda path, body: site.client.post(f"/api/v1{path}", json=body).json)
        added = site.client.post("/api/v1/hosts", json=SERVER | {"name": "b", "address": bed.b.address})
        assert added.status_code == 201, added.text
        wait_for(lambda: site.client.get("/api/v1/hosts/b").json["state"] == "connected")
        uuid = standing(bed)
        seen = next(each for each in site.check(uuid)["findings"] if each["id"] == "reach")
        assert seen["repairs"] == []
        (command,) = seen["commands"]
        assert "known_hosts" in command
        bed.a.space.run("sh", "-c", command.replace("sudo -i ", "cd /root; HOME=/root "))
        assert not any(each["id"] == "reach" for each in site.check(uuid)["findings"])
    finally:
        site.stop()


def test_an_image_is_kept_for_a_machine_that_is_off_whose_disks_lie_in_no_pool(strangers: Bed, deck: Deck) -> None:
    for name, host in (("local", strangers.a), ("b", strangers.b)):
        base = host.make_disk("base.qcow2")
        for top, below in (("middle.qcow2", f"images/{base.name}"), ("top.qcow2", "middle.qcow2")):
            path = f"/var/lib/libvirt/{top}"
            host.space.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", below, "-F", "qcow2", path)
        host.virsh("pool-refresh", "default")
        host.define(strangers.guest_xml("off", disk="/var/lib/libvirt/top.qcow2"))
        deck.ask("POST", f"/hosts/{name}/pools/default/refresh")
        wait_for(lambda name=name: deck.ask("GET", f"/hosts/{name}/domains").json)
        unused = deck.ask("GET", f"/hosts/{name}/unused-volumes").json
        assert "base.qcow2" not in [volume["name"] for volume in unused]
        kept = deck.ask("DELETE", f"/hosts/{name}/pools/default/volumes/base.qcow2")
        assert (kept.status, kept.json["detail"]) == (
            409,
            "/var/lib/libvirt/middle.qcow2 stands on base.qcow2 and would break.",
        )
        host.make_disk("other.qcow2")
        deck.ask("POST", f"/hosts/{name}/pools/default/refresh")
        gone = deck.ask("DELETE", f"/hosts/{name}/pools/default/volumes/other.qcow2?dry_run=true")
        assert gone.json["warnings"] == ["/var/lib/libvirt/images/other.qcow2 is deleted; what it holds is lost."]


def test_a_volume_is_kept_for_what_names_it_otherwise(strangers: Bed, deck: Deck) -> None:
    """By a link of its folder, a link or bind mount deeper in the path, a link or second name of the file itself.

    A file whose name looks like two lines keeps nobody from telling.
    """
    lib, odd = "/var/lib/libvirt", "a\u2028= b"
    ways = {
        "linked": (f"ln -s {lib}/images {lib}/linked", f"{lib}/linked/linked.qcow2"),
        "deep": (f"ln -s {lib} {lib}/deep", f"{lib}/deep/images/deep.qcow2"),
        "bound": (f"mkdir {lib}/bound; mount --bind {lib}/images {lib}/bound", f"{lib}/bound/bound.qcow2"),
        "file": (f"ln -s images/file.qcow2 {lib}/other.qcow2", f"{lib}/other.qcow2"),
        "hard": (f"ln {lib}/images/hard.qcow2 {lib}/second.qcow2", f"{lib}/second.qcow2"),
    }
    for name, host in (("local", strangers.a), ("b", strangers.b)):
        for way, (act, base) in ways.items():
            host.make_disk(f"{way}.qcow2")
            host.space.run("sh", "-c", act)
            top = f"{lib}/{way}-top.qcow2"
            host.space.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", top)
            host.define(strangers.guest_xml(f"on-{way}", disk=top))
        host.make_disk("mine.qcow2")
        host.space.run("touch", f"{lib}/images/{odd}")
        mine = host.define(strangers.guest_xml("mine", disk=f"{lib}/images/mine.qcow2"))
        host.virsh("pool-create-as", "alias", "dir", "--target", f"{lib}/linked")
        pools = f"/hosts/{name}/pools"
        deck.ask("POST", f"{pools}/default/refresh")
        wait_for(lambda name=name: len(deck.ask("GET", f"/hosts/{name}/domains").json) == len(ways) + 1)
        for pool in ("default", "alias"):
            told = {each["name"]: each for each in deck.ask("GET", f"{pools}/{pool}/volumes").json}
            for way in ways:
                assert told[f"{way}.qcow2"]["used_by"] == [f"on-{way}"], (pool, told)
                assert told[f"{way}.qcow2"]["needed_by"] == [f"{lib}/{way}-top.qcow2"], (pool, told)
                kept = deck.ask("DELETE", f"{pools}/{pool}/volumes/{way}.qcow2")
                assert (kept.status, kept.json["used_by"]) == (409, [f"on-{way}"]), (pool, kept.json)
            assert told["mine.qcow2"]["used_by"] == told["mine.qcow2"]["written_by"] == ["mine"], (pool, told)
            assert deck.ask("DELETE", f"{pools}/{pool}/volumes/mine.qcow2").json["used_by"] == ["mine"]
        unused = deck.ask("GET", f"/hosts/{name}/unused-volumes").json
        assert {each["name"] for each in unused} == {odd}, unused
        assert deck.ask("DELETE", f"{pools}/alias?contents=true").status == 409
        other = host.define(strangers.guest_xml("also", disk=f"{lib}/linked/mine.qcow2"))
        wait_for(lambda name=name: len(deck.ask("GET", f"/hosts/{name}/domains").json) == len(ways) + 2)
        for uuid, user in ((mine, "also"), (other, "mine")):
            (disk,) = deck.ask("GET", f"/hosts/{name}/domains/{uuid}/volumes").json
            assert (disk["deletable"], disk["shared_by"]) == (False, [user]), disk
        host.virsh("pool-destroy", "alias")
        host.space.run("umount", f"{lib}/bound")
