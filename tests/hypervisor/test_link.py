"""A connection that many threads share outlives the calls in it."""

from __future__ import annotations

from pathlib import Path

import libvirt
import pytest

from quarterdeck.hypervisor.connection import Link
from quarterdeck.problems import Problem


@pytest.fixture
def link(host_file: Path) -> Link:
    return Link(libvirt.open(f"test://{host_file}"), lambda: None)


def test_closing_waits_for_the_call_that_is_in_it(link: Link) -> None:
    with link.call() as conn:
        link.close()
        assert conn.listAllDomains()
    with pytest.raises(libvirt.libvirtError):
        conn.listAllDomains()


def test_a_call_after_closing_says_that_the_host_is_gone(link: Link) -> None:
    link.close()
    with pytest.raises(Problem) as caught, link.call():
        pass
    assert caught.value.slug == "host-lost"


def test_closing_twice_is_closing_once(link: Link) -> None:
    link.close()
    link.close()
