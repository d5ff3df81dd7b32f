"""Acts on machines of the test driver, and the news that they make."""

import pytest

from quarterdeck.hypervisor.host import Host
from quarterdeck.problems import Problem

from .conftest import Inbox

MACHINE = """<domain type='test'><name>{name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type>hvm</type></os>{more}</domain>"""


def test_a_machines_day(host: Host, inbox: Inbox) -> None:
    uuid = host.domains.define(MACHINE.format(name="day", more=""))
    assert inbox.take("domain", "defined").id == uuid
    for act, event, state in [
        (host.domains.start, "started", "running"),
        (host.domains.suspend, "suspended", "paused"),
        (host.domains.resume, "resumed", "running"),
        (host.domains.save, "stopped", "shut_off"),
        (host.domains.restore, "started", "running"),
        (host.domains.destroy, "stopped", "shut_off"),
    ]:
        act(uuid)
        assert inbox.take("domain", event).id == uuid
        row = host.domains.row(uuid)
        assert row is not None
        assert row.state == state
    host.domains.set_autostart(uuid, True)
    host.domains.rename(uuid, "evening")
    row = host.domains.row(uuid)
    assert row is not None
    assert (row.name, row.autostart) == ("evening", True)
    assert host.domains.find("evening") == uuid
    host.domains.undefine(uuid)
    assert inbox.take("domain", "undefined").id == uuid
    assert host.domains.row(uuid) is None


def test_words_and_marks_are_saved_with_the_machine(host: Host, inbox: Inbox, uuids: dict[str, str]) -> None:
    host.domains.set_title(uuids["web-1"], "Front door")
    host.domains.set_description(uuids["web-1"], None)
    host.domains.set_metadata(uuids["web-1"], "urn:test", "t", "<mark/>")
    xml = host.domains.xml(uuids["web-1"])
    assert "Front door" in xml
    assert "load balancer" not in xml
    assert "urn:test" in xml
    assert inbox.take("domain", "metadata_change").id == uuids["web-1"]


def test_what_libvirt_would_drop_silently_is_refused(host: Host) -> None:
    with pytest.raises(Problem) as refused:
        host.domains.define(MACHINE.format(name="odd", more="<bogus/>"))
    assert refused.value.slug == "invalid-xml"


def test_a_refusal_says_what_is_wrong(host: Host, uuids: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        host.domains.shutdown(uuids["old-wiki"])
    assert (refused.value.slug, refused.value.status) == ("wrong-state", 409)
    with pytest.raises(Problem) as missing:
        host.domains.start("00000000-0000-0000-0000-000000000000")
    assert missing.value.slug == "not-found"
    with pytest.raises(Problem) as unsaved:
        host.domains.restore(uuids["old-wiki"])
    assert "no saved state" in unsaved.value.detail


def test_a_picture_of_the_screen(host: Host, uuids: dict[str, str]) -> None:
    mime, data = host.domains.screenshot(uuids["web-1"])
    assert mime == "image/png"
    assert data.startswith(b"\x89PNG")


def test_vcpus_and_memory_change_saved_and_live(host: Host, uuids: dict[str, str]) -> None:
    host.domains.set_vcpus(uuids["db-1"], 6, live=True, saved=True)
    host.domains.set_memory(uuids["monitor"], 2048 * 1024, live=True, saved=True)
    row, other = host.domains.row(uuids["db-1"]), host.domains.row(uuids["monitor"])
    assert row is not None and other is not None
    assert row.vcpus == 6
    assert other.memory_kib == 2048 * 1024


def test_addresses_of_a_machine(host: Host, uuids: dict[str, str]) -> None:
    assert host.domains.addresses(uuids["web-1"])[0].startswith("192.168.122.")


def test_keys_are_limited(host: Host, uuids: dict[str, str]) -> None:
    host.domains.send_key(uuids["web-1"], [29, 56, 111])
    with pytest.raises(Problem):
        host.domains.send_key(uuids["web-1"], [1] * 17)
