"""The list of machines: the API beside libvirt's own bulk call in this process."""

from __future__ import annotations

import http.client
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import libvirt
from lxml import etree
from lxml.builder import E

from tests.deck import Deck
from tests.qemu.bed import Bed

from .report import Report, Row, median, side_by_side

ROUNDS = 25


def measure(report: Report, bed: Bed) -> None:
    """Lists of 300 and 1,000 machines on the test driver, and defined on a real libvirtd."""
    for count in (300, 1000):
        with test_host(count) as uri, service(uri) as deck:
            compare(report, deck, uri, f"list of {count} machines, test driver")
    for count in (300, 1000):
        with machines(bed, count), service(bed.a.local_uri) as deck:
            compare(report, deck, bed.a.local_uri, f"list of {count} machines, libvirtd")


def compare(report: Report, deck: Deck, uri: str, name: str) -> None:
    """GET of the list over one kept connection, through TLS, beside virConnectGetAllDomainStats."""
    connection = http.client.HTTPSConnection("localhost", deck.port, context=deck.context())
    headers = {"Cookie": deck.cookie, "Accept-Encoding": "gzip"}

    def api() -> None:
        connection.request("GET", "/api/v1/hosts/local/domains", headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200

    raw = libvirt.open(uri)
    ours, theirs = side_by_side(api, lambda: raw.getAllDomainStats(0, 0), ROUNDS)
    raw.close()
    connection.close()
    beside = "virConnectGetAllDomainStats"
    report.add(Row(name, median(ours), "ms", median(theirs), beside, aim=median(theirs), samples=ours))


@contextmanager
def service(uri: str, **settings: str) -> Iterator[Deck]:
    """Run a service on this libvirt, logged in."""
    with tempfile.TemporaryDirectory(prefix="qdbench-") as folder:
        deck = Deck(Path(folder), {"demo": "true", "local_uri": uri} | settings).start()
        try:
            assert deck.login("demo", "demo").status == 200
            yield deck
        finally:
            deck.stop()


def small_machine(name: str) -> etree._Element:
    """Definition of a machine as small as can be."""
    kind = E.type("hvm", arch="x86_64", machine="q35")
    return E.domain(E.name(name), E.memory("65536"), E.vcpu("1"), E.os(kind), E.devices(), type="qemu")


@contextmanager
def test_host(count: int) -> Iterator[str]:
    """URI of a test-driver host with so many machines."""
    node = E.node(*(_test_machine(f"vm-{number:04}") for number in range(count)))
    with tempfile.NamedTemporaryFile(prefix="qdbench-", suffix=".xml") as file:
        file.write(etree.tostring(node))
        file.flush()
        # The service's account reads it too.
        Path(file.name).chmod(0o644)
        yield f"test://{file.name}"


def _test_machine(name: str) -> etree._Element:
    made = small_machine(name)
    made.set("type", "test")
    return made


@contextmanager
def machines(bed: Bed, count: int) -> Iterator[None]:
    """So many defined machines on host `a` of the bed."""
    connection = bed.a.open()
    for number in range(count):
        connection.defineXML(etree.tostring(small_machine(f"vm-{number:04}"), encoding="unicode"))
    connection.close()
    try:
        yield
    finally:
        bed.reset()
