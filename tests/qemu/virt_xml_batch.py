"""Runs the own code of virt-xml, virt-install or virt-clone many times in one process, for the system's Python.

Reads `[{xml, calls}]` as JSON, for the others `[{install}]` and `[{clone}]` with their words; writes each XML.
"""

import contextlib
import io
import json
import sys
from collections.abc import Callable

sys.path.insert(0, "/usr/share/virt-manager")

import libvirt
from virtinst import cli, virtclone, virtinstall, virtxml  # type: ignore[import-not-found]  # of the system's Python

TOOLS = {"install": virtinstall.main, "clone": virtclone.main}


def run(conn: object, xml: str, words: list[str]) -> str:
    """The XML after one call of virt-xml; its message where it refuses."""
    sys.argv, sys.stdin = ["virt-xml", *words, "--print-xml"], io.StringIO(xml)
    return output(virtxml.main, conn)


def output(tool: Callable[[object], object], conn: object) -> str:
    """What a tool prints; its message where it refuses."""
    said, complained = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            tool(conn)
    except (SystemExit, Exception) as error:
        return f"{sys.argv}: {error} {complained.getvalue()}"
    return said.getvalue()


def main() -> None:
    """All cases of standard input."""
    cases = json.load(sys.stdin)
    conn = cli.getConnection("qemu:///system")
    results = []
    for case in cases:
        tool = next((name for name in TOOLS if name in case), None)
        if tool:
            sys.argv = [f"virt-{tool}", *case[tool]]
            results.append(output(TOOLS[tool], conn))
            continue
        xml = case["xml"]
        for words in case["calls"]:
            xml = run(conn, xml, words) if xml.lstrip().startswith("<") else xml
        results.append(xml)
    sys.__stdout__.write(json.dumps(results))  # type: ignore[union-attr]  # it is there


libvirt.registerErrorHandler(lambda _context, _error: None, None)
main()
