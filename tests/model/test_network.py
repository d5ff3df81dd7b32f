"""Definitions of networks, made and edited: `pytest --regenerate` writes them anew; review reads the diff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quarterdeck.model.network_pending import pending
from quarterdeck.model.network_rules import faults
from quarterdeck.model.network_settings import NetworkSettings, read_settings, usual
from quarterdeck.model.network_updates import compare
from quarterdeck.model.xml import dump, parse
from tests.model.conftest import Golden
from tests.model.libvirt_schema import assert_fits

DATA = Path(__file__).parent.parent / "data" / "network"
FULL: dict[str, Any] = {
    "mode": "nat",
    "forward_device": "eth0",
    "nat_ipv6": True,
    "nat_address_start": "192.0.2.4",
    "nat_address_end": "192.0.2.9",
    "nat_port_start": 2000,
    "nat_port_end": 3000,
    "bridge": "virbr9",
    "stp": True,
    "bridge_delay_seconds": 2,
    "zone": "libvirt",
    "mtu": 1400,
    "domain": "lab.lan",
    "domain_local_only": True,
    "guests_ipv6": True,
    "dns": True,
    "dns_forwarders": [{"address": "192.0.2.53"}, {"domain": "corp.lan", "address": "192.0.2.54"}],
    "dns_hosts": [{"address": "10.9.0.3", "names": ["a", "b"]}],
    "dns_txts": [{"name": "note", "value": "one & two"}],
    "dns_srvs": [
        {"service": "ldap", "protocol": "tcp", "domain": "lab.lan", "target": "a.lab.lan", "port": 389, "priority": 1}
    ],
    "inbound": {"average": 1000, "peak": 2000, "burst": 512},
    "outbound": {"average": 10},
    "ips": [
        {
            "address": "10.9.0.1",
            "prefix": 20,
            "ranges": [{"start": "10.9.1.1", "end": "10.9.2.2", "lease_seconds": 86400}],
            "hosts": [{"mac": "52:54:00:00:00:01", "name": "a", "address": "10.9.3.3", "lease_seconds": 0}],
            "boot_file": "pxe.0",
            "boot_server": "10.9.0.2",
            "tftp_root": "/srv/tftp",
        },
        {
            "family": "ipv6",
            "address": "fd00:9::1",
            "prefix": 64,
            "ranges": [{"start": "fd00:9::100", "end": "fd00:9::200"}],
            "hosts": [{"duid": "00:03:00:01:52:54:00:00:00:05", "name": "x", "address": "fd00:9::5"}],
        },
    ],
    "routes": [{"address": "10.8.0.0", "prefix": 24, "gateway": "10.9.0.5", "metric": 2}],
    "portgroups": [
        {"name": "office", "default": True, "inbound": {"average": 5}, "outbound": {"average": 6}},
        {"name": "trunk", "vlan_trunk": True, "vlan_tags": [{"id": 3}, {"id": 4, "native_mode": "untagged"}]},
    ],
}
OTHERS: dict[str, dict[str, Any]] = {
    "isolated": {},
    "bridge": {
        "bridge": "br0",
        "virtualport": "openvswitch",
        "profile_id": "web",
        "interface_id": "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f",
        "vlan_trunk": True,
        "vlan_tags": [{"id": 7}, {"id": 8, "native_mode": "tagged"}],
    },
    "private": {
        "interfaces": ["eth0", "eth1"],
        "virtualport": "802.1Qbg",
        "manager_id": 11,
        "type_id": 1193047,
        "type_id_version": 2,
        "instance_id": "09b11c53-8b5c-4eeb-8f00-d84eaa0aaa4f",
    },
    "hostdev": {"physical_function": "eth0", "managed": True, "vlan_tags": [{"id": 42}]},
}


def asked(mode: str = "nat", **changes: Any) -> NetworkSettings:
    values = FULL if mode == "nat" else OTHERS[mode]
    return NetworkSettings.model_validate({"name": "lab", "mode": mode} | values | changes)


@pytest.mark.parametrize("mode", ["nat", *OTHERS])
def test_each_mode_fits_libvirts_schema_and_is_read_back_as_asked(mode: str, golden: Golden) -> None:
    body = asked(mode)
    root = NetworkSettings.build(body.definition())
    assert_fits("network", root)
    golden(DATA / f"{mode}.xml", dump(root) + "\n")
    assert read_settings(root) == body
    assert list(faults(body, vlan_bridges=True)) == []


def test_goldens_use_every_value() -> None:
    bodies = [asked(mode) for mode in ("nat", *OTHERS)]
    unused = [name for name in NetworkSettings.places if not any(getattr(body, name) for body in bodies)]
    assert unused == []


def test_edit_changes_what_was_asked_and_keeps_what_we_do_not_know(golden: Golden) -> None:
    root = usual(parse((DATA / "nat.xml").read_text()))
    root.append(parse("<metadata><note xmlns='urn:x'>kept</note></metadata>"))
    ip = FULL["ips"][0] | {"prefix": 22, "hosts": [], "boot_file": None, "boot_server": None, "tftp_root": None}
    body = asked(mode="nat", ips=[ip], dns_hosts=[], domain=None, domain_local_only=None, mtu=None, inbound=None)
    NetworkSettings.patch(root, body.definition())
    assert "kept" in dump(root)
    golden(DATA / "nat.edited.xml", dump(root) + "\n")
    assert read_settings(root) == body


def test_netmask_is_read_as_a_prefix() -> None:
    text = "<network><name>a</name><forward/><ip address='10.0.0.1' netmask='255.255.252.0'/></network>"
    read = read_settings(parse(text))
    assert read is not None and (read.mode, read.ips[0].prefix) == ("nat", 22)


def test_lease_time_is_read_in_every_unit_of_libvirt_and_stays_as_it_is_written() -> None:
    text = (DATA / "nat.xml").read_text().replace('<lease unit="seconds" expiry="86400"/>', "<lease expiry='%s'%s/>")
    for expiry, unit in ((1440, ""), (1440, " unit='minutes'"), (24, " unit='hours'")):
        root = parse(text % (expiry, unit))
        body = read_settings(root)
        assert body is not None and body.ips[0].ranges[0].lease_seconds == 86400
        NetworkSettings.patch(root, body.definition())
        assert root.find("ip/dhcp/range/lease").attrib.get("expiry") == str(expiry)  # type: ignore[union-attr]
        ranges = (body.ips[0].ranges[0].model_copy(update={"lease_seconds": None}),)
        ips = (body.ips[0].model_copy(update={"ranges": ranges}), body.ips[1])
        NetworkSettings.patch(root, body.model_copy(update={"ips": ips}).definition())
        assert root.find("ip/dhcp/range/lease") is None


RUNNING = """
<network connections='2'><name>lab</name><uuid>a</uuid>
  <forward dev='eth0' mode='nat'><nat><port start='1024' end='65535'/></nat>
  <interface dev='eth0' connections='1'/></forward>
  <bridge name='virbr1' stp='on' delay='0'/><mac address='52:54:00:1d:1d:33'/>
  <ip address='10.50.0.1' netmask='255.255.255.0'>
    <dhcp><range start='10.50.0.1' end='10.50.0.9'/><host mac='52:54:00:00:00:0a' ip='10.50.0.77'/>
    <host mac='52:54:00:00:00:0b' ip='10.50.0.78'/></dhcp></ip>
</network>"""
SAVED = """
<network><name>lab</name><uuid>a</uuid><title>for tests</title>
  <forward dev='eth0' mode='nat'><interface dev='eth0'/></forward>
  <bridge name='virbr1' stp='on' delay='0'/><mac address='52:54:00:1d:1d:33'/>
  <ip address='10.50.0.1' prefix='24'>
    <dhcp><range start='10.50.0.1' end='10.50.0.9'/><host mac='52:54:00:00:00:0B' ip='10.50.0.78'/>
    <host mac='52:54:00:00:00:0a' ip='10.50.0.77'/></dhcp></ip>
</network>"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<title>for tests</title>", "<metadata><note xmlns='urn:x'>new</note></metadata>", []),
        ("<mac ", "<mtu size='1400'/><mac ", ["mtu"]),
        ("52:54:00:1d:1d:33", "52:54:00:1d:1d:34", ["mac/@address"]),
        ("<mac ", "<dns forwardPlainNames='no'/><mac ", ["dns/@forwardPlainNames"]),
        ("ip='10.50.0.77'/>", "ip='10.50.0.70'/>", ["ips.hosts"]),
        ("<ip ", "<ip localPtr='yes' ", ["ips"]),
        ("stp='on'", "stp='on' macTableManager='libvirt'", ["bridge/@macTableManager"]),
        (
            "</network>",
            "<o:options xmlns:o='http://libvirt.org/schemas/network/dnsmasq/1.0'><o:option value='log'/></o:options>"
            "</network>",
            ["dnsmasq:options/dnsmasq:option/@value"],
        ),
        ("<bridge ", "<domain name='not a name'/><bridge ", ["domain"]),  # beyond the form as a whole
    ],
)
def test_whatever_of_the_saved_definition_does_not_run_yet_is_told(old: str, new: str, told: list[str]) -> None:
    assert pending(parse(SAVED), parse(RUNNING)) == []
    assert pending(parse(SAVED.replace(old, new)), parse(RUNNING)) == told


def test_what_can_change_while_it_runs_is_told_from_what_waits() -> None:
    old = asked()
    host = {"mac": "52:54:00:00:00:02", "address": "10.9.3.4"}
    ips = [FULL["ips"][0] | {"hosts": [host]}, FULL["ips"][1]]
    edit = compare(old, asked(ips=ips, dns_txts=[], mtu=None))
    assert [(update.word, update.command, update.parent) for update in edit.updates] == [
        ("dns-txt", 2, -1),
        ("ip-dhcp-host", 2, 0),
        ("ip-dhcp-host", 3, 0),
    ]
    assert [(update.word, update.command) for update in edit.undo] == [
        ("ip-dhcp-host", 3),
        ("ip-dhcp-host", 2),
        ("dns-txt", 3),
    ]
    assert edit.waiting == ("mtu",)
    assert edit.updates[2].xml == '<host mac="52:54:00:00:00:02" ip="10.9.3.4"/>'


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("dns_txts", [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]),
        ("dns_hosts", [{"address": "10.9.0.3", "names": ["a"]}, {"address": "10.9.0.4", "names": ["b", "a"]}]),
        ("dns_hosts", [{"address": "10.9.0.3", "names": ["a"]}, {"address": "10.9.0.3", "names": ["b"]}]),
    ],
)
def test_parts_that_libvirt_does_not_tell_apart_wait_for_a_restart(name: str, parts: list[dict[str, Any]]) -> None:
    for old, new in ((parts[:1], parts), (parts, parts[1:])):
        edit = compare(asked(**{name: old}), asked(**{name: new}))
        assert (edit.updates, edit.waiting) == ((), (name,))
    assert compare(asked(**{name: parts}), asked(**{name: parts[::-1]})).fields == []


def test_reservations_under_one_name_wait_for_a_restart() -> None:
    host = FULL["ips"][0]["hosts"][0]
    twice = [host, host | {"mac": "52:54:00:00:00:02", "address": "10.9.3.4"}]
    edit = compare(asked(), asked(ips=[FULL["ips"][0] | {"hosts": twice}, FULL["ips"][1]]))
    assert (edit.updates, edit.waiting) == ((), ("ips.hosts",))


def test_changed_address_waits_with_all_that_belongs_to_it() -> None:
    edit = compare(asked(), asked(ips=[FULL["ips"][0] | {"prefix": 21}, FULL["ips"][1]]))
    assert (edit.updates, edit.waiting) == ((), ("ips",))


def test_defaults_that_libvirt_says_itself_are_no_change() -> None:
    saved = NetworkSettings.model_validate({"name": "a", "mode": "nat", "ips": [{"address": "10.0.0.1", "prefix": 24}]})
    running = saved.model_copy(update={"bridge": "virbr1", "stp": True, "nat_port_start": 1024, "nat_port_end": 65535})
    edit = compare(running, saved)
    assert (edit.updates, edit.waiting) == ((), ())
