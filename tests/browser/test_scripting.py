"""The guide for scripts: what it says is run, as it stands, by a shell against a service."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from .conftest import Site

GUIDE = Path(__file__).parents[2] / "docs/scripting.md"


def test_the_guide_for_scripts_does_what_it_says(demo: Site) -> None:
    demo.deck.login(demo.user, demo.password)
    made = demo.deck.ask("POST", "/tokens", {"name": "guide"}).json
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.M | re.S))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": os.environ["PATH"], "URL": demo.url, "TOKEN": made["token"]},
        capture_output=True,
        text=True,
        check=False,
    )
    demo.deck.ask("DELETE", f"/tokens/{made['id']}")
    told = done.stdout.splitlines()
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr}"
    assert "web-1 running" in told, told
    assert any(line.startswith("virt-install ") for line in told), told
    assert told[-4:-1] == ["Made by a script", "shut_off", "done"], told
    assert '"/problems/name-taken"' in told[-1], told
    assert not {row["name"] for row in demo.deck.ask("GET", "/hosts/local/domains").json} & {"scripted", "scripted-2"}
