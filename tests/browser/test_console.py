"""The graphical and the serial console in the page, with real machines behind."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.qemu.bed import Bed, wait_for
from tests.qemu.installer_iso import installer_iso

from .conftest import Opener, Site
from .test_pages import picture

# The installer asks in grey windows on blue, in the colours of VGA's text mode.
BLUE, GREY, BLACK = (0, 0, 170), (170, 170, 170), (0, 0, 0)


def colours(page: Page) -> Counter[tuple[int, int, int]]:
    """How many pixels of each colour the console's screen has."""
    pixels: list[list[Any]] = page.evaluate("""() => {
        const size = (canvas) => canvas.width * canvas.height;
        const screen = [...document.querySelectorAll('canvas')].sort((a, b) => size(b) - size(a))[0];
        if (!screen || !screen.width) return [];
        const data = screen.getContext('2d').getImageData(0, 0, screen.width, screen.height).data;
        const seen = new Map();
        for (let i = 0; i < data.length; i += 4) {
          const key = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
          seen.set(key, (seen.get(key) ?? 0) + 1);
        }
        return [...seen].sort((a, b) => b[1] - a[1]).slice(0, 64);
    }""")
    return Counter({(key >> 16, key >> 8 & 255, key & 255): count for key, count in pixels})


def near(seen: Counter[tuple[int, int, int]], wanted: tuple[int, int, int]) -> int:
    """Pixels of about this colour; the way to the page may round."""
    return sum(n for colour, n in seen.items() if all(abs(a - b) <= 8 for a, b in zip(colour, wanted, strict=True)))


@pytest.fixture(scope="session")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Debian's installer on an ISO."""
    return installer_iso(tmp_path_factory.mktemp("iso") / "debian.iso")


def test_a_real_installer_shows_its_first_question(bed: Bed, live: Site, open_page: Opener, installer: Path) -> None:
    (bed.a.images / "debian.iso").write_bytes(installer.read_bytes())
    live.deck.login(live.user, live.password)
    bed.a.virsh("pool-refresh", "default")
    wanted = {
        "name": "installer",
        "memory_mib": 1024,
        "vcpus": 1,
        "install": {"method": "iso", "pool": "default", "volume": "debian.iso"},
        "disks": [{"pool": "default", "size_gib": 2, "format": "qcow2"}],
        "nics": [{"network": "default"}],
        "start": True,
    }
    made = live.deck.ask("POST", "/hosts/local/domains", wanted)
    assert made.status in (201, 202), made.json
    wait_for(lambda: bed.a.state("installer") == "running")
    uuid = bed.a.virsh("domuuid", "installer").strip()
    page = open_page(live, f"/hosts/local/machines/{uuid}/console")

    def asks() -> bool:
        seen = colours(page)
        total = seen.total()
        return (
            total > 0
            and near(seen, BLUE) > total * 0.03
            and near(seen, GREY) > total * 0.2
            and near(seen, BLACK) > 1000
        )

    try:
        wait_for(asks, 240, "the installer's question on the screen")
    finally:
        picture(page, "console installer.png")


def test_the_screen_fills_a_window_of_its_own(bed: Bed, live: Site, open_page: Opener) -> None:
    uuid = bed.a.define(bed.guest_xml("screen"), start=True)
    page = open_page(live, f"/console/local/{uuid}/vnc")
    wait_for(lambda: len(colours(page)) > 1, what="something drawn on the screen")


def test_a_typed_line_on_the_serial_console_is_answered(bed: Bed, live: Site, open_page: Opener) -> None:
    uuid = bed.a.define(bed.guest_xml("typist"), start=True)
    page = open_page(live, f"/console/local/{uuid}/serial")
    rows = page.locator(".xterm-rows")
    expect(rows).to_contain_text("tick")
    page.locator(".xterm-helper-textarea").focus()
    page.keyboard.type("echo $((6*7))-is-it\n", delay=20)
    expect(rows).to_contain_text("42-is-it")
