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


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "many"),
        ("HOSTS", "[{"),
        ("HOSTS", '[{"uri": "qemu:///system"}]'),
        ("CONFIG", "/none.toml"),
        ("DOWNLOAD_PROXY", "socks://a"),
    ],
)
def test_a_wrong_setting_is_named(name: str, text: str) -> None:
    with pytest.raises(Problem) as caught:
        load({f"QUARTERDECK_{name}": text})
    assert name.lower() in caught.value.detail.lower() or text in caught.value.detail
