"""A host is added over SSH from nothing: its key looked at and pinned, ours installed by a password, then connected."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.problems import Problem
from tests.deck import Deck
from tests.qemu.bed import Bed, Nic, wait_for
from tests.qemu.moves import Site
from tests.qemu.tiny_iso import tiny_iso

PASSWORD = "tr0ub4dor and three"
PORT = 2222
SETTINGS = """Port {port}
HostKey {folder}/new_key
PidFile /run/sshd-new.pid
PermitRootLogin yes
PasswordAuthentication yes
UsePAM no
StrictModes no
"""


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def door(bed: Bed) -> Iterator[Path]:
    yield from ssh_server(bed)


def ssh_server(bed: Bed) -> Iterator[Path]:
    """Run an SSH server on host b that takes root's password; gives its folder."""
    folder = bed.b.space.folder / "ssh"
    keys = folder / "authorized_keys"
    before = keys.read_text() if keys.exists() else None
    _new_key(folder)
    (folder / "new_config").write_text(SETTINGS.format(port=PORT, folder=folder))
    digest = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, text=True, capture_output=True, check=True
    )
    subprocess.run(["cp", "-a", "/etc", folder / "etc"], check=True)
    shadow = (folder / "etc/shadow").read_text().splitlines()
    lines = [f"root:{digest.stdout.strip()}:19000:0:99999:7:::", *(x for x in shadow if not x.startswith("root:"))]
    (folder / "etc/shadow").write_text("\n".join(lines) + "\n")
    _start(bed, folder)
    yield folder
    _stop(bed)
    shutil.rmtree(folder / "etc")
    keys.unlink(missing_ok=True)
    if before is not None:
        keys.write_text(before)  # other tests log in with them


def _start(bed: Bed, folder: Path) -> None:
    # A copy of all of /etc: a mount on the file of passwords alone goes where an account is made or removed meanwhile.
    sshd = f"/usr/sbin/sshd -f {folder}/new_config -E {bed.b.space.folder}/log/sshd-new.log"
    bed.b.space.run("unshare", "--mount", "sh", "-c", f"mount --bind {folder}/etc /etc && {sshd}")
    wait_for(lambda: bed.b.space.run("ss", "-Hltn", f"sport = :{PORT}"), what="sshd")


def _stop(bed: Bed) -> None:
    bed.b.space.run("sh", "-c", "kill $(cat /run/sshd-new.pid)")
    wait_for(lambda: not bed.b.space.run("ss", "-Hltn", f"sport = :{PORT}"), what="sshd gone")


def another_key(bed: Bed, folder: Path) -> None:
    """Give the SSH server another host key, and break the connections that stand."""
    _stop(bed)
    _new_key(folder)
    _start(bed, folder)
    bed.b.stop_libvirtd()
    bed.b.start_libvirtd()


def _new_key(folder: Path) -> None:
    for name in ("new_key", "new_key.pub"):
        (folder / name).unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "new_key"], check=True)


def test_a_host_is_added_over_ssh_from_nothing(
    site: Site, bed: Bed, door: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = {"address": bed.b.address, "port": PORT}
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".ssh").mkdir(mode=0o700)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / ".ssh/id_ed25519"], check=True)
    seen = site.client.post("/api/v1/hosts/keys", json=server).json
    (key,) = seen["keys"]
    told = subprocess.run(["ssh-keygen", "-lf", door / "new_key"], capture_output=True, text=True, check=True).stdout
    assert key["fingerprint"] in told
    assert key["state"] == "unknown"
    assert seen["public_key"] in seen["command"]
    made, chosen = seen["own_keys"]
    assert (made["made"], made["line"], chosen["made"]) == (True, seen["public_key"], False)
    asked = server | {"user": "root", "fingerprint": key["fingerprint"], "key": chosen["fingerprint"]}
    none = site.client.post("/api/v1/hosts/trust", json=asked | {"key": "SHA256:" + "a" * 43})
    assert (none.status_code, none.json["errors"][0]["pointer"]) == (422, "/key")

    plan = site.client.post("/api/v1/hosts/trust?dry_run=true", json=asked | {"password": PASSWORD})
    assert "ssh-copy-id" in plan.json["commands"][1]
    assert PASSWORD not in plan.text
    assert site.client.post("/api/v1/hosts/keys", json=server).json["keys"][0]["state"] == "unknown"

    wrong = site.client.post("/api/v1/hosts/trust", json=asked | {"password": "guess"})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/password")
    other = site.client.post("/api/v1/hosts/trust", json=asked | {"fingerprint": "SHA256:" + "a" * 43})
    assert (other.status_code, other.json["errors"][0]["pointer"]) == (422, "/fingerprint")
    assert site.client.post("/api/v1/hosts/keys", json=server).json["keys"][0]["state"] == "unknown"

    pinned = site.client.post("/api/v1/hosts/trust", json=asked).json
    assert not pinned["works"]
    assert "by hand" in pinned["problem"]["cure"]
    assert site.client.post("/api/v1/hosts/trust", json=asked | {"password": PASSWORD}).json == {
        "works": True,
        "problem": None,
    }
    assert site.client.post("/api/v1/hosts/keys", json=server).json["keys"][0]["state"] == "pinned"
    let_in = (door / "authorized_keys").read_text()
    assert (chosen["line"] in let_in, made["line"] in let_in) == (True, False), let_in
    kept = b"".join(file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file())
    assert PASSWORD.encode() not in kept

    added = site.client.post("/api/v1/hosts", json=server | {"name": "fresh", "transport": "ssh", "user": "root"})
    assert added.status_code == 201, added.text
    wait_for(lambda: site.client.get("/api/v1/hosts/fresh").json["state"] == "connected")
    host = site.client.get("/api/v1/hosts/fresh").json
    assert host["hostname"] == "host-b"
    assert abs(host["clock_seconds"]) < 5
    load = load_of(site, "fresh")
    assert 0 < load["memory_used_mib"] < load["memory_mib"]
    assert 0 < load["cpu_percent"] <= 100
    assert load["load_per_cpu"] > 0

    another_key(bed, door)
    changed = site.client.post("/api/v1/hosts/keys", json=server).json["keys"]
    assert changed[0]["state"] == "changed"
    assert changed[0]["fingerprint"] != key["fingerprint"]
    assert changed[0]["trusted_fingerprint"] == key["fingerprint"]
    wait_for(lambda: site.client.get("/api/v1/hosts/fresh").json["state"] == "refused")
    problem = site.client.get("/api/v1/hosts/fresh").json["problem"]
    assert problem["type"] == "/problems/host-key-changed"
    assert (problem["trusted_fingerprint"], problem["fingerprint"]) == (key["fingerprint"], changed[0]["fingerprint"])

    asked |= {"fingerprint": changed[0]["fingerprint"]}
    plan = site.client.post("/api/v1/hosts/trust?dry_run=true", json=asked).json
    assert "not the key that was trusted" in plan["warnings"][0]
    assert changed[0]["line"] in [line.removeprefix("+") for line in plan["file_diff"].splitlines()]
    let_in = (door / "authorized_keys").read_text()
    (door / "authorized_keys").write_text("")
    assert site.client.post("/api/v1/hosts/trust", json=asked | {"password": "guess"}).status_code == 422
    assert site.client.post("/api/v1/hosts/keys", json=server).json["keys"][0]["state"] == "changed"
    (door / "authorized_keys").write_text(let_in)
    assert site.client.post("/api/v1/hosts/trust", json=asked).json["works"]
    wait_for(lambda: site.client.get("/api/v1/hosts/fresh").json["state"] == "connected")
    assert site.client.delete("/api/v1/hosts/fresh").status_code == 204
    assert "ssh-ed25519" not in (tmp_path / "state/ssh/known_hosts").read_text()


def load_of(site: Site, host: str) -> Any:
    """How busy a host is, as the page hears it."""
    site.page.emit("subscribe", {"room": f"stats:{host}"}, callback=True)

    def heard() -> Any:
        got = [message["args"][0] for message in site.page.get_received() if message["name"] == "stats"]
        return next((each["load"] for each in got if each["load"]), None)

    load = wait_for(heard)
    site.page.emit("unsubscribe", {"room": f"stats:{host}"}, callback=True)
    return load


@pytest.mark.parametrize("address", ["-oProxyCommand=id", "b;id", "b\nc", "a b", "ssh://b", "b/x", "%2e"])
def test_odd_addresses_never_reach_ssh(site: Site, address: str) -> None:
    for path, more in (("keys", {}), ("trust", {"user": "root", "fingerprint": "SHA256:" + "a" * 43})):
        answer = site.client.post(f"/api/v1/hosts/{path}", json={"address": address} | more)
        assert answer.status_code == 422, answer.text


def test_medium_in_no_pool_of_another_host_is_recognised(site: Site, bed: Bed) -> None:
    folder = bed.b.images.parent / "handed-over"
    folder.mkdir()
    tiny_iso(folder / "x.iso", "Debian 13.1.0 amd64 n")
    ask, pools = "/api/v1/hosts/b/osinfo/detect?path=/var/lib/libvirt/", bed.b.virsh("pool-list", "--all", "--name")
    found = site.client.get(f"{ask}handed-over/x.iso").json
    assert (found["system"]["short_id"], found["label"]) == ("debian13", "Debian 13.1.0 amd64 n"), found
    for other in ("handed-over/none.iso", "handed-over/../handed-over/x.iso", "gone/x.iso"):
        found = site.client.get(ask + other).json
        assert (found["system"], found["label"]) == (None, None), (other, found)
    assert bed.b.virsh("pool-list", "--all", "--name") == pools


def test_addresses_come_from_the_guest_agent_where_the_host_knows_none(site: Site, bed: Bed) -> None:
    wired = bed.guest_xml("told", agent=True, nic=Nic()).replace('<source network="default"/>', "")
    uuid = bed.a.define(wired.replace('interface type="network"', 'interface type="user"'), start=True)

    def ask(command: str, **arguments: object) -> str:
        text = json.dumps({"execute": command, "arguments": arguments})
        return bed.a.virsh("qemu-agent-command", "told", text, check=False)

    wait_for(lambda: "return" in ask("guest-ping"), what="the agent")
    site.page.emit("subscribe", {"room": "host:local"}, callback=True)
    one = f"/api/v1/hosts/local/domains/{uuid}"
    seen = wait_for(lambda: (now := site.client.get(one).json)["addresses"] and now, what="what the agent tells")
    assert "10.0.2.15" in seen["addresses"], seen
    ask("guest-exec", path="/bin/sh", arg=["-c", "set -- $(ps | grep '[q]emu-ga'); kill -STOP $1"])
    wait_for(lambda: "return" not in ask("guest-ping"), what="an agent that hangs")
    with pytest.raises(Problem) as silent:
        site.service.hosts.get("local").domains.agent_addresses(uuid)
    assert silent.value.slug == "agent-unavailable", silent.value
    assert site.client.get(one).json["addresses"] == seen["addresses"], "what was known stays"


def test_the_doctor_tries_kvm_and_does_not_believe_a_list(site: Site, tmp_path: Path) -> None:
    said = Deck(tmp_path, {"local_uri": site.bed.a.local_uri, "demo": "true"}).command("doctor").stdout
    works = "kvm" in site.client.get("/api/v1/hosts/local/capabilities").json["types"]
    assert "good  libvirt" in said
    assert ("speed of the hardware" in said, "KVM does not work here" in said) == (works, not works), said
