"""Debian's cloud-init, unpacked and not installed: what it says of the files that it would read."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.qemu.bed.guest import CACHE

PYTHON = (
    *("attr", "chardet", "certifi", "configobj", "idna", "jinja2", "json-pointer", "jsonpatch", "jsonschema"),
    *("markupsafe", "netifaces", "oauthlib", "pyrsistent", "requests", "serial", "six", "urllib3", "yaml", "debconf"),
)
READ = """
import json, sys
from cloudinit import util
from cloudinit.net import network_state
from cloudinit.sources.DataSourceNoCloud import DataSourceNoCloud
found = util.pathprefix2dict(sys.argv[1], required=["user-data", "meta-data"], optional=["network-config"])
network = util.load_yaml(found["network-config"]) if "network-config" in found else None
state = network_state.parse_net_config_data(network) if network else None
cards = [(card["name"], [s["address"] for s in card["subnets"]]) for card in state.iter_interfaces()] if state else []
print(json.dumps({"meta": util.load_yaml(found["meta-data"]), "cards": cards}))
"""


def _library() -> Path:
    """Where its Python modules lie."""
    made = CACHE / "cloud-init"
    if not made.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=CACHE) as folder:
            command = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", "cloud-init"]
            subprocess.run(
                [*command, *(f"python3-{name}" for name in PYTHON)], cwd=folder, capture_output=True, check=True
            )
            for package in Path(folder).glob("*.deb"):
                subprocess.run(["dpkg-deb", "-x", package, Path(folder, "made")], check=True)
            Path(folder, "made").rename(made)
    return made / "usr/lib/python3/dist-packages"


def _run(*words: str | Path) -> str:
    environment = {"PYTHONPATH": str(_library()), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["/usr/bin/python3", *words], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check_schema(user_data: Path) -> str:
    """What its schema checker says of user data."""
    return _run("-m", "cloudinit.cmd.main", "schema", "--config-file", user_data)


def read_seed(folder: Path) -> dict[str, Any]:
    """What its NoCloud reader finds in a folder: `meta`, and `cards` with their addresses."""
    found: dict[str, Any] = json.loads(_run("-c", READ, folder))
    return found
