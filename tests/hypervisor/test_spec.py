"""How hosts are named, and the libvirt address that is made of it."""

from pathlib import Path

import pytest

from quarterdeck.hypervisor.hosts import Hosts
from quarterdeck.hypervisor.spec import HostSpec, Reach, libvirt_uri, ssh_command
from quarterdeck.problems import Problem
from tests.hosts import EMPTY, uri


def test_an_ssh_host_is_reached_without_questions_and_with_the_services_key(tmp_path: Path) -> None:
    key, client = tmp_path / "id", tmp_path / "ssh"
    key.touch()
    spec = HostSpec("b", "ssh", "hv2.example.org", 2222, "ops")
    reach = Reach(ssh_key=key, ssh_client=client)
    here = "qemu+ssh://ops@hv2.example.org:2222/system?no_tty=1"
    assert libvirt_uri(spec, reach) == f"{here}&keyfile={key}"
    assert ssh_command(spec, reach)[-1] == "ops@hv2.example.org"
    client.touch()  # from now on there are keys that somebody has confirmed
    assert libvirt_uri(spec, reach) == f"{here}&command={client}"
    assert ssh_command(spec, reach)[0] == str(client)


def test_ipv6_stands_in_brackets() -> None:
    assert libvirt_uri(HostSpec("b", "tls", "2001:db8::2"), Reach()) == "qemu+tls://[2001:db8::2]/system"


def test_plain_tcp_needs_leave() -> None:
    spec = HostSpec("b", "tcp", "10.0.0.2")
    with pytest.raises(Problem) as refused:
        libvirt_uri(spec, Reach())
    assert refused.value.errors[0].pointer == "/transport"
    assert libvirt_uri(spec, Reach(allow_tcp=True)) == "qemu+tcp://10.0.0.2/system"


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        (HostSpec("b", "ssh", "-oProxyCommand=id"), "/address"),
        (HostSpec("b", "ssh", "a/system?command=/bin/id"), "/address"),
        (HostSpec("b", "ssh", "a b"), "/address"),
        (HostSpec("b", "ssh", "300.1.1.1"), "/address"),
        (HostSpec("b", "ssh", "a", None, "-oX"), "/user"),
        (HostSpec("b", "ssh", "a", None, "x@y"), "/user"),
        (HostSpec("b", "ssh", "a", 99999), "/port"),
        (HostSpec("  ", "ssh", "a"), "/name"),
    ],
)
def test_nothing_else_gets_into_the_address(spec: HostSpec, pointer: str) -> None:
    with pytest.raises(Problem) as refused:
        libvirt_uri(spec, Reach())
    assert pointer in {error.pointer for error in refused.value.errors}


def test_two_hosts_cannot_have_one_name() -> None:
    hosts = Hosts([HostSpec("b", "ssh", "a.example.org")], uri(EMPTY), lambda news: None)
    with pytest.raises(Problem, match="already"):
        hosts.check(HostSpec("b", "ssh", "c.example.org"))
    with pytest.raises(Problem, match="no host"):
        hosts.get("c")
