"""Settings: defaults, then the file, then the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from quarterdeck.config import load
from quarterdeck.problems import Problem

HOST = '{"name": "b", "transport": "tcp", "address": "10.0.0.2", "port": null}'


def test_the_environment_names_the_file_and_wins_over_it(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    hosts = '[[hosts]]\nname = "a"\ntransport = "tls"\naddress = "a.example"\n'
    file.write_text(f'port = 9443\nlog_level = "DEBUG"\n{hosts}')
    environ = {
        "QUARTERDECK_CONFIG": str(file),
        "QUARTERDECK_PORT": "9444",
        "QUARTERDECK_ALLOW_TCP_HOSTS": "true",
        "QUARTERDECK_VIEWER_GROUPS": "staff, users",
    }
    found = load(environ)
    assert (found.port, found.log_level, found.allow_tcp_hosts) == (9444, "DEBUG", True)
    assert found.viewer_groups == ("staff", "users")
    assert [host.name for host in found.hosts] == ["a"]
    assert [host.name for host in load(environ | {"QUARTERDECK_HOSTS": f"[{HOST}]"}).hosts] == ["b"]


WRONG_FILE = """
port = 99999
sesion_hours = 3
log_level = "loud"
download_allow = ["10.0.0.0/99"]
download_proxy = "http://me:secret@proxy:high"
[[hosts]]
name = "a"
transport = "telnet"
adress = "a.example"
[[instance_types]]
name = "tiny"
vcpus = 0
memory_mib = 64
"""
WHAT_IT_SAYS = """The settings cannot be used:
  {0}: port: It must be a whole number from 1 to 65535.
  {0}: hosts, entry 1, transport: It must be ssh, tls or tcp.
  {0}: hosts, entry 1, address: It is needed.
  {0}: hosts, entry 1, adress: There is no such member.
  {0}: instance_types, entry 1, vcpus: It must be a whole number of at least 1.
  QUARTERDECK_JOBS_KEPT: It must be a whole number of at least 1.
  {0}: download_allow: Each must be a range of addresses, for example 192.0.2.0/24 or 2001:db8::/32.
  {0}: download_proxy: It must be a proxy as http://host:port, for example http://proxy.example.org:3128.
  {0}: log_level: It must be DEBUG, INFO, WARNING or ERROR.
  {0}: sesion_hours: There is no such setting. Is session_hours meant?"""


def refused(environ: dict[str, str], **overrides: int) -> Problem:
    with pytest.raises(Problem) as caught:
        load(environ, **overrides)
    return caught.value


def test_all_that_is_wrong_is_told_with_its_place_and_what_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(WRONG_FILE)
    told = refused({"QUARTERDECK_CONFIG": str(file), "QUARTERDECK_JOBS_KEPT": "0"}).detail
    assert told == WHAT_IT_SAYS.format(file)
    file.write_text("port = 9443\nlog_level INFO\n")
    broken = refused({"QUARTERDECK_CONFIG": str(file)})
    assert f"{file} is not TOML" in broken.detail
    assert "line 2" in broken.detail
    assert broken.cure
    assert "/none.toml cannot be read: No such file" in refused({"QUARTERDECK_CONFIG": "/none.toml"}).detail
    assert "--port: It must be a whole number from 1 to 65535." in refused({}, port=0).detail


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("PORT", "many", "It must be a whole number from 1 to 65535."),
        ("HOSTS", "[{", "It must be JSON, a list of tables"),
        ("HOSTS", '[{"uri": "qemu:///system"}]', "entry 1, name: It is needed."),
        ("HOSTS", f"[{HOST}, {HOST}]", "The name b is given twice"),
        ("DOWNLOAD_PROXY", "socks://a", "It must be a proxy as http://host:port"),
        ("ALLOW_ROOT", "perhaps", "It must be true or false."),
    ],
)
def test_a_wrong_variable_is_named(name: str, text: str, words: str) -> None:
    told = refused({f"QUARTERDECK_{name}": text}).detail
    assert f"QUARTERDECK_{name}" in told
    assert words in told
