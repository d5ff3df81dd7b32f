"""Networks on a real libvirtd with a guest on them: leases, reservations while it runs, restarts, filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.jobs import Job, Jobs, now
from quarterdeck.operations.networks.restart import NetworkRestart
from quarterdeck.operations.networks.turns import Turns
from quarterdeck.store import JobRows
from tests.qemu.bed import Bed, Nic, wait_for
from tests.qemu.moves import Site
from tests.waiting import ended, job_done

LOCAL = "/api/v1/hosts/local"
NETWORKS = f"{LOCAL}/networks"
MAC = "52:54:00:77:00:01"
IP = {"address": "10.99.0.1", "prefix": 24, "ranges": [{"start": "10.99.0.10", "end": "10.99.0.20"}]}


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def make(site: Site, **asked: Any) -> dict[str, Any]:
    answer = site.client.post(NETWORKS, json={"name": "lab"} | asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def edit(site: Site, made: dict[str, Any], **changes: Any) -> dict[str, Any]:
    asked = made["settings"] | changes
    answer = site.client.put(f"{NETWORKS}/lab", json=asked, headers={"If-Match": made["etag"]})
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def cut_off(site: Site, network: str) -> None:
    """See a restart of the network to its end that the service's own restart cut off."""
    rows, started = JobRows(site.service.store, 10), now()
    about = {"kind": "network-restart", "host": "local", "target": "network/lab", "user": "demo"}
    job = Job.model_validate({"id": "cut", "state": "running", "started": started} | about)
    rows.put(job.id, job.state, started, job.model_dump_json(), {"uuid": network})
    jobs = Jobs(rows)
    NetworkRestart(site.service.hosts, jobs, Turns(jobs))
    jobs.resume()
    over = ended(lambda: jobs.get("cut").model_dump())
    assert over["result"] == {"machines": ["guest"]}


def test_each_mode_that_the_host_has_starts(site: Site) -> None:
    six = {"family": "ipv6", "address": "fd00:99::1", "prefix": 64}
    asked: list[dict[str, Any]] = [
        {
            "mode": "nat",
            "ips": [IP, {"address": "10.97.0.1", "prefix": 24}, six],
            "nat_port_start": 1024,
            "nat_port_end": 65535,
            "mtu": 1400,
        },
        {"mode": "route", "ips": [IP], "routes": [{"address": "10.98.0.0", "prefix": 24, "gateway": "10.99.0.5"}]},
        {"mode": "open", "ips": [IP]},
        {"mode": "isolated", "stp": False, "dns": False},
        {"mode": "private", "interfaces": ["eth0"]},
        {"mode": "vepa", "interfaces": ["eth0"]},
        {"mode": "passthrough", "interfaces": ["eth0"]},
        {"mode": "bridge", "bridge": "virbr0"},
        {
            "mode": "bridge",
            "bridge": "virbr0",
            "virtualport": "openvswitch",
            "vlan_trunk": True,
            "vlan_tags": [{"id": 5, "native_mode": "untagged"}, {"id": 6}],
        },
        {"mode": "private", "interfaces": ["eth0"], "virtualport": "802.1Qbh", "profile_id": "web"},
    ]
    for each in asked:
        made = make(site, **each)
        assert made["active"] and not made["changes_pending"], made
        assert site.client.delete(f"{NETWORKS}/lab").status_code == 204
    overlap = site.client.post(
        NETWORKS, json={"name": "lab", "mode": "nat", "ips": [IP | {"address": "192.168.122.7", "ranges": []}]}
    )
    assert (overlap.status_code, overlap.json["errors"][0]["pointer"]) == (409, "/ips/0/address")


def test_network_that_cannot_start_is_not_left_behind(site: Site) -> None:
    refused = site.client.post(NETWORKS, json={"name": "lab", "mode": "nat", "ips": [IP], "bridge": "eth0"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (409, "/bridge"), refused.text
    assert "lab" not in site.bed.a.virsh("net-list", "--all", "--name").split()


def test_guest_gets_its_address_a_reservation_takes_hold_while_it_runs_and_a_restart_keeps_its_cable(
    site: Site, bed: Bed
) -> None:
    made = make(site, mode="nat", ips=[IP], domain="lab.lan")
    bed.a.define(bed.guest_xml("guest", nic=Nic("lab", MAC)), start=True)

    def client() -> dict[str, Any]:
        return next(each for each in site.client.get(f"{NETWORKS}/lab/clients").json if each["mac"] == MAC)

    wait_for(lambda: client()["addresses"], what="the guest's lease")
    first = client()
    assert (first["machine"], first["running"], first["link_up"], first["cut_off"]) == ("guest", True, True, False), (
        first
    )
    assert first["addresses"][0]["expires"] > 0, first
    host = {"mac": MAC, "name": "guest", "address": "10.99.0.77"}
    made = edit(site, made, ips=[made["settings"]["ips"][0] | {"hosts": [host]}])
    assert not made["changes_pending"]
    hosts = bed.a.space.folder / "lib/dnsmasq/lab.hostsfile"
    assert f"{MAC},10.99.0.77,guest" in hosts.read_text()
    assert "10.99.0.77" in bed.a.virsh("net-dumpxml", "--inactive", "lab")
    assert client()["reserved"] == ["10.99.0.77"]

    made = edit(site, made, mtu=1400)
    assert (made["changes_pending"], made["pending"]) == (True, ["mtu"]), made
    plan = site.client.post(f"{NETWORKS}/lab/restart?dry_run=true").json
    assert "guest wait on another network" in plan["warnings"][0]
    answer = site.client.post(f"{NETWORKS}/lab/restart")
    assert job_done(site.client, answer.headers["Location"])["result"] == {"machines": ["guest"]}
    device = client()["device"]
    bridge = site.client.get(f"{NETWORKS}/lab").json
    assert not bridge["changes_pending"]
    links = bed.a.space.run("ip", "-o", "link", "show", "master", bridge["bridge"])
    assert device in links and "mtu 1400" in bed.a.space.run("ip", "link", "show", bridge["bridge"])
    assert not [name for name in bed.a.virsh("net-list", "--all", "--name").split() if "hold" in name]

    saved = bed.a.virsh("net-dumpxml", "--inactive", "lab")
    taken = saved.replace(f"<bridge name='{bridge['bridge']}'", "<bridge name='eth0'")
    bed.a.space.run("virsh", "net-define", "/dev/stdin", text_in=taken)
    answer = site.client.post(f"{NETWORKS}/lab/restart")
    failed = job_done(site.client, answer.headers["Location"], "failed")["problem"]
    assert "runs as before" in failed["detail"], failed
    as_before = site.client.get(f"{NETWORKS}/lab").json
    assert (as_before["active"], as_before["cut_off"], as_before["pending"]) == (True, [], ["bridge"]), as_before
    assert client()["device"] in bed.a.space.run("ip", "-o", "link", "show", "master", bridge["bridge"])
    bed.a.space.run("virsh", "net-define", "/dev/stdin", text_in=saved)

    bed.a.virsh("net-destroy", "lab")  # as a restart of the service may leave it
    assert device not in bed.a.space.run("ip", "-o", "link", "show", "type", "bridge_slave", check=False)
    cut_off(site, made["uuid"])
    assert client()["device"] in bed.a.space.run("ip", "-o", "link", "show", "master", bridge["bridge"])
    assert not [name for name in bed.a.virsh("net-list", "--all", "--name").split() if "hold" in name]
    refused = site.client.delete(f"{NETWORKS}/lab")
    assert (refused.status_code, refused.json["used_by"]) == (409, ["guest"])

    for act in ("net-destroy", "net-start"):  # by another tool, which leaves the guest's cable out
        bed.a.virsh(act, "lab")
    lost = site.client.get(f"{NETWORKS}/lab").json
    assert (lost["active"], lost["cut_off"], client()["cut_off"]) == (True, ["guest"], True), lost
    assert site.client.post(f"{NETWORKS}/lab/start?dry_run=true").json["notes"] == [
        "These get their cable back: guest."
    ]
    mended = site.client.post(f"{NETWORKS}/lab/start").json
    assert (mended["cut_off"], client()["cut_off"]) == ([], False), mended
    stopped = site.client.post(f"{NETWORKS}/lab/stop").json
    assert (stopped["active"], stopped["cut_off"]) == (False, ["guest"]), stopped
    assert site.client.post(f"{NETWORKS}/lab/start").json["cut_off"] == []
    assert client()["device"] in bed.a.space.run("ip", "-o", "link", "show", "master", bridge["bridge"])
    assert not [name for name in bed.a.virsh("net-list", "--all", "--name").split() if "hold" in name]


def test_names_and_port_groups_change_while_the_network_runs(site: Site) -> None:
    made = make(site, mode="nat", ips=[IP])
    made = edit(
        site,
        made,
        dns_hosts=[{"address": "10.99.0.1", "names": ["gate", "gate2"]}],
        dns_txts=[{"name": "note", "value": "one & two"}],
        dns_srvs=[{"service": "ldap", "protocol": "tcp", "domain": "lab.lan", "target": "gate.lab.lan", "port": 389}],
        portgroups=[{"name": "office", "inbound": {"average": 1000}}],
    )
    assert not made["changes_pending"]
    running = site.bed.a.virsh("net-dumpxml", "lab")
    for word in ("gate2", "one &amp; two", "ldap", "office"):
        assert word in running
    made = edit(site, made, dns_hosts=[], dns_txts=[], dns_srvs=[], portgroups=[])
    assert not made["changes_pending"]
    assert "gate2" not in site.bed.a.virsh("net-dumpxml", "lab")


def test_lease_times_reach_a_running_network_and_edits_by_other_tools_are_told_as_waiting(site: Site) -> None:
    made = make(site, mode="nat", ips=[IP | {"ranges": [IP["ranges"][0] | {"lease_seconds": 7200}]}])
    dnsmasq = site.bed.a.space.folder / "lib/dnsmasq"
    assert "10.99.0.10,10.99.0.20,255.255.255.0,7200s" in (dnsmasq / "lab.conf").read_text()
    ranges = [IP["ranges"][0] | {"lease_seconds": 0}]
    hosts = [{"mac": MAC, "address": "10.99.0.77", "lease_seconds": 300}]
    made = edit(site, made, ips=[made["settings"]["ips"][0] | {"ranges": ranges, "hosts": hosts}])
    assert made["pending"] == []
    assert "10.99.0.10,10.99.0.20,255.255.255.0,infinite" in (dnsmasq / "lab.conf").read_text()
    assert f"{MAC},10.99.0.77,300s" in (dnsmasq / "lab.hostsfile").read_text()

    saved = site.client.get(f"{NETWORKS}/lab/xml").json
    new = saved["xml"].replace("<bridge ", "<dns forwardPlainNames='no'/><bridge ")
    new = new.replace("<ip ", "<ip localPtr='yes' ")
    site.bed.a.space.run("virsh", "net-define", "--validate", "/dev/stdin", text_in=new)
    lab = site.client.get(f"{NETWORKS}/lab").json
    assert lab["pending"] == ["dns/@forwardPlainNames", "ips"], lab["pending"]
    answer = site.client.post(f"{NETWORKS}/lab/restart")
    job_done(site.client, answer.headers["Location"])
    assert site.client.get(f"{NETWORKS}/lab").json["pending"] == []


def test_filters_are_read_made_changed_and_guarded(site: Site, bed: Bed) -> None:
    filters = {each["name"]: each for each in site.client.get(f"{LOCAL}/nwfilters").json}
    assert "no-mac-spoofing" in filters["clean-traffic"]["uses"], filters.keys()
    assert {"IP", "MAC"} <= set(filters["clean-traffic"]["parameters"]), filters["clean-traffic"]
    xml = "<filter name='quiet' chain='root'><rule action='drop' direction='in' priority='500'><tcp/></rule></filter>"
    made = site.client.post(f"{LOCAL}/nwfilters", json={"xml": xml})
    assert (made.status_code, made.json["rules"]) == (201, 1), made.text
    louder = made.json["xml"].replace("drop", "accept")
    put = {"json": {"xml": louder}, "headers": {"If-Match": made.json["etag"]}}
    assert "+" in site.client.put(f"{LOCAL}/nwfilters/quiet?dry_run=true", **put).json["xml_diff"]
    assert "accept" in site.client.put(f"{LOCAL}/nwfilters/quiet", **put).json["xml"]
    slip = {"xml": xml.replace("quiet", "slip").replace("<tcp/>", "<tpc/>")}
    warned = site.client.post(f"{LOCAL}/nwfilters?dry_run=true", json=slip).json["warnings"]
    assert "<tpc>" in warned[0], warned
    lost = {"xml": "<filter name='lost'><filterref filter='quiet'/><filterref filter='nowhere'/></filter>"}
    told = site.client.post(f"{LOCAL}/nwfilters?dry_run=true", json=lost).json["warnings"]
    assert told == ["The host has no filter nowhere: no machine starts with this one so."]
    broken = site.client.post(f"{LOCAL}/nwfilters", json=slip)
    assert (broken.status_code, broken.json["errors"][0]["pointer"]) == (422, "/xml"), broken.text
    refused = site.client.delete(f"{LOCAL}/nwfilters/no-mac-spoofing")
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/in-use")
    assert site.client.delete(f"{LOCAL}/nwfilters/quiet").status_code == 204
    interfaces = {each["name"]: each for each in site.client.get(f"{LOCAL}/interfaces").json}
    assert interfaces["virbr0"]["network"] == "default" and "eth0" in interfaces
