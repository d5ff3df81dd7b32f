"""First settings of a guest: the files that are made, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from passlib.hash import sha512_crypt
from pydantic import ValidationError

from quarterdeck.model.cloud_init import CloudInit, CloudNetwork, faults, files, preview, warnings

from .network_configs import NETWORKS

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Y8gyv1NyOSzXBvTvTKcVlPHmqx7YFaB1n6rVfQYyX anna@desk"
MACS = ("52:54:00:00:00:01",)


def made(**asked: Any) -> dict[str, Any]:
    found = files(CloudInit(**asked), "web 1", "an-instance", MACS)
    return {name: yaml.safe_load(text) for name, text in found.items()}


def test_user_gets_a_hashed_password_and_keys() -> None:
    data = made(user="anna", password="geheim", ssh_keys=[KEY], packages=["nginx"], hostname="web.example.org")
    user = data["user-data"]["users"][0]
    assert sha512_crypt.verify("geheim", user["passwd"])
    assert (user["name"], user["lock_passwd"], user["ssh_authorized_keys"]) == ("anna", False, [KEY])
    assert data["user-data"]["packages"] == ["nginx"]
    assert data["meta-data"] == {"instance-id": "an-instance", "local-hostname": "web.example.org"}
    assert "network-config" not in data
    assert "geheim" not in json.dumps(data)


def test_fixed_address_is_bound_to_the_first_card() -> None:
    network = made(network={"address": "192.0.2.5/24", "gateway": "192.0.2.1", "dns": ["192.0.2.2"]})["network-config"]
    card = network["ethernets"]["first"]
    assert (card["match"], card["addresses"]) == ({"macaddress": MACS[0]}, ["192.0.2.5/24"])
    assert card["routes"] == [{"to": "0.0.0.0/0", "via": "192.0.2.1"}]
    assert card["nameservers"] == {"addresses": ["192.0.2.2"]}


def test_own_files_go_in_as_they_are() -> None:
    own = "#cloud-config\nruncmd:\n- [ls]\n"
    found = files(CloudInit(user_data=own, network_config="version: 2\n"), "web", "i", MACS)
    assert (found["user-data"], found["network-config"]) == (own, "version: 2\n")
    assert json.loads(found["meta-data"])["local-hostname"] == "web"


def test_preview_shows_no_secret() -> None:
    shown = preview(CloudInit(user="anna", password="geheim"), "web")
    assert "$6$" not in shown["user-data"]
    assert '"passwd": "*****"' in shown["user-data"]


@pytest.mark.parametrize(
    "asked",
    [
        {"ssh_keys": ["-----BEGIN OPENSSH PRIVATE KEY-----"]},
        {"ssh_keys": ["ssh-ed25519 AAAAC3Nz"]},
        {"ssh_keys": [KEY.replace("ssh-ed25519", "ssh-rsa")]},
        {"ssh_keys": [KEY + "\n" + KEY]},
        {"user": "Anna Berg"},
        {"packages": ["nginx; rm"]},
        {"hostname": "-x"},
        {"network": {"address": "192.0.2.5"}},
        {"network": {"address": "192.0.2.5/24", "gateway": "nowhere"}},
        {"passwort": "x"},
    ],
)
def test_what_no_guest_could_use_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CloudInit(**asked)


def card(setting: str) -> str:
    """A network configuration with one setting of one card."""
    return f"version: 2\nethernets:\n  ens3:\n    {setting}\n"


@pytest.mark.parametrize(
    ("asked", "pointer", "words"),
    [
        ({"password": "x"}, "/user", "Name the user"),
        ({"user_data": "hello"}, "/user_data", "#cloud-config"),
        ({"user_data": "#cloud-config\nusers: [\n"}, "/user_data", "Line 3"),
        ({"user_data": "#cloud-config\n- a\n"}, "/user_data", "name, colon, value"),
        ({"user_data": "#cloud-config\na: 1", "user": "anna"}, "/user", "takes the place"),
        ({"network": {"address": "192.0.2.0/24"}}, "/network/address", "names the network 192.0.2.0/24 itself"),
        (
            {"network": {"address": "192.0.2.5/24", "gateway": "192.0.3.1"}},
            "/network/gateway",
            "outside of 192.0.2.0/24",
        ),
        ({"network": {"address": "192.0.2.5/24", "gateway": "192.0.2.5"}}, "/network/gateway", "machine's own"),
        ({"network": {"address": "192.0.2.5/24", "gateway": "fe80::1"}}, "/network/gateway", "outside of"),
        ({"network_config": "ethernets: {}"}, "/network_config", "version"),
        ({"network_config": "a: b: c"}, "/network_config", "Line 1"),
        ({"network_config": "- a"}, "/network_config", "name, colon, value"),
        ({"network_config": "version: 3"}, "/network_config", "Line 1: It needs a version"),
        ({"network_config": "version: '2'"}, "/network_config", "Line 1: It needs a version: 1 or 2, without quotes"),
        ({"network_config": card("addresses: [somewhere]")}, "/network_config", "Line 4: “somewhere” must"),
        ({"network_config": card("gateway4: 192.0.2")}, "/network_config", "Line 4: “192.0.2” must"),
        ({"network_config": card("routes: [{to: default, via: x}]")}, "/network_config", "Line 4: “x” must"),
        ({"network_config": "version: 2\nethernets: [a]"}, "/network_config", "Line 2: Here stand names"),
        ({"network_config": "version: 2\nethernets: {ens3: dhcp}"}, "/network_config", "Line 2: A card has settings"),
        ({"network_config": "version: 1"}, "/network_config", "needs a list"),
        ({"network_config": "version: 1\nconfig:\n- name: eth0"}, "/network_config", "Line 3: It needs a type"),
        ({"network_config": "version: 1\nconfig:\n- type: physical"}, "/network_config", "Line 3: It needs a name"),
    ],
)
def test_what_does_not_fit_together_is_told_at_its_field(asked: dict[str, Any], pointer: str, words: str) -> None:
    found = list(faults(CloudInit(**asked)))
    assert [fault.pointer for fault in found] == [pointer]
    assert words in found[0].detail


def test_a_gateway_may_be_a_link_local_address_of_ipv6() -> None:
    for gateway in ("fe80::1", "2001:db8::1"):
        assert not list(faults(CloudInit(network=CloudNetwork(address="2001:db8::5/64", gateway=gateway))))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (card("adresses: [192.0.2.1/24]"), "Line 4: “adresses” may be no setting here. Is addresses meant?"),
        (card("addresses: [192.0.2.1]"), "Line 4: “192.0.2.1” lacks the length of its network, such as /24."),
        (card("addresses: 192.0.2.1/24"), "Line 4: addresses is a list: [one, another]."),
        (card("dhcp4: maybe"), "Line 4: dhcp4 is true or false."),
        (card("nameservers: {adresses: [a]}"), "Line 4: “adresses” may be no setting here. Is addresses meant?"),
        (card("nameservers: {addresses: [a]}"), "Line 4: “a” must be an address such as 192.0.2.1."),
        ("version: 2\nethernet: {a: {}}", "Line 2: “ethernet” may be no setting here. Is ethernets meant?"),
        (
            "version: 1\nconfig:\n- type: fysical",
            "Line 3: “fysical” may be no type here. Known are bond, bridge, infiniband, loopback, nameserver, "
            "physical, route, vlan.",
        ),
    ],
)
def test_what_looks_wrong_in_a_network_configuration_is_told_and_not_refused(config: str, words: str) -> None:
    wish = CloudInit(user="a", ssh_keys=[KEY], network_config=config)
    assert (list(faults(wish)), list(warnings(wish))) == ([], [words])


@pytest.mark.parametrize("config", NETWORKS, ids=str.strip)
def test_valid_network_configurations_pass_without_a_word(config: str) -> None:
    wish = CloudInit(user="a", ssh_keys=[KEY], network_config=config)
    assert (list(faults(wish)), list(warnings(wish))) == ([], [])


def test_faults_of_a_network_configuration_are_told_in_the_order_of_their_lines() -> None:
    wrong = card("gateway4: x") + "    adresses: []\n    gateway6: y\n    addresses: [z]\n"
    found = faults(CloudInit(network_config=wrong))
    assert [fault.detail.split(":")[0] for fault in found] == ["Line 4", "Line 6", "Line 7"]


@pytest.mark.parametrize(
    "own",
    [
        "#cloud-config-archive\n- {type: text/cloud-config, content: 'a: 1'}\n",
        '#cloud-config-jsonp\n[{"op": "add", "path": "/a", "value": 1}]\n',
        "\n  #Cloud-Config\nusers: []\n",
        "From nobody\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x--\n",
        "## template: jinja\n#cloud-config\n{% if a %}\n",
        "#include-once\nhttps://images.example/settings\n",
    ],
    ids=str.strip,
)
def test_user_data_of_every_kind_passes(own: str) -> None:
    assert list(faults(CloudInit(user_data=own))) == []


def test_slips_in_ones_own_user_data_are_told_with_their_line() -> None:
    own = "#cloud-config\nusers: []\nrun_cmd: [ls]\nnovelty: 1\n"
    assert list(warnings(CloudInit(user_data=own))) == ["Line 3: “run_cmd” may be no setting here. Is runcmd meant?"]


def test_one_is_warned_of_a_guest_that_nobody_can_enter() -> None:
    assert [bool(list(warnings(CloudInit(**a)))) for a in ({}, {"user": "a"}, {"user": "a", "ssh_keys": [KEY]})] == [
        True,
        True,
        False,
    ]
