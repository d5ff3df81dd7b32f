"""The units for systemd and the settings file that a package brings."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from quarterdeck import cli
from quarterdeck.config import Config, load

ROOT = Path(__file__).parent.parent.parent
UNITS = sorted((ROOT / "systemd").glob("*.service"))


@pytest.mark.parametrize(
    ("name", "tenths"),
    [
        ("quarterdeck-web", 10),
        ("quarterdeck-tls", 10),
        ("quarterdeck-job@", 10),
        ("quarterdeck-download@", 15),
        ("quarterdeck-lock@", 15),
    ],
)
def test_exposure_is_small(name: str, tenths: int) -> None:
    unit = ROOT / "systemd" / f"{name}.service"
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={tenths}", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_units_start_commands_that_there_are() -> None:
    for unit in UNITS:
        (command,) = re.findall(r"^ExecStart=/usr/bin/quarterdeck (\S+)", unit.read_text(), re.M)
        assert CliRunner().invoke(cli.main, [command, "--help"]).exit_code == 0, command


def test_settings_file_explains_every_setting_and_can_be_read(tmp_path: Path) -> None:
    text = (ROOT / "packaging" / "quarterdeck.toml").read_text()
    for name in Config.model_fields:
        assert re.search(rf"^#{name} = |^#\[\[{name}\]\]", text, re.M), name
    given = tmp_path / "quarterdeck.toml"
    given.write_text(re.sub(r"^#(?=\[|[a-z_]+ = )", "", text, flags=re.M))
    settings = load({"QUARTERDECK_CONFIG": str(given)})
    examples = {"server_names": ("console.example.org",), "download_proxy": "http://proxy.example.org:3128"}
    shown = Config(**examples, hosts=settings.hosts, instance_types=settings.instance_types)
    assert settings == shown
