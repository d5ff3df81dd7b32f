"""Who is on a network is told once, with the addresses of both families."""

from __future__ import annotations

from quarterdeck.hypervisor.networks import Lease
from quarterdeck.model.network_settings import DhcpHost
from quarterdeck.model.network_view import NetworkClient
from quarterdeck.operations.networks.clients import add_lease, add_reservation

MAC = "52:54:00:00:00:01"
DUID = "00:04:b2:8e"


def test_a_card_has_its_addresses_of_both_families_and_what_is_kept_for_it() -> None:
    clients = [NetworkClient(mac=MAC, machine="web")]
    add_lease(clients, Lease(MAC.upper(), "10.60.0.9", 24, "web", 1000))
    add_lease(clients, Lease(MAC, "fd00::9", 64, None, 2000, DUID))
    for kept in (
        DhcpHost(mac=MAC, address="10.60.0.9"),
        DhcpHost(duid=DUID, address="fd00::9"),
        DhcpHost(name="web", address="fd00::a"),
    ):
        add_reservation(clients, kept)
    (web,) = clients
    assert [each.address for each in web.addresses] == ["10.60.0.9", "fd00::9"], web
    assert (web.hostname, web.duid, web.reserved) == ("web", DUID, ["10.60.0.9", "fd00::9", "fd00::a"]), web


def test_whoever_is_no_machine_stands_alone() -> None:
    clients = [NetworkClient(mac=MAC, machine="web")]
    add_lease(clients, Lease("52:54:00:00:00:02", "10.60.0.8", 24, "printer", 1000))
    add_reservation(clients, DhcpHost(duid="00:04:ff", name="later", address="fd00::b"))
    assert [(each.machine, each.hostname, each.reserved) for each in clients] == [
        ("web", None, []),
        (None, "printer", []),
        (None, "later", ["fd00::b"]),
    ]
