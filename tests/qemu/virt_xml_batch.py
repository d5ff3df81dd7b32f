"""Runs virt-xml's own code many times in one process: reads `[{xml, calls}]` as JSON, writes each resulting XML.

For the system's Python, since virt-xml belongs to it.
"""

import contextlib
import io
import json
import sys

sys.path.insert(0, "/usr/share/virt-manager")

import libvirt
from virtinst import cli, virtxml  # type: ignore[import-not-found]  # of the system's Python


def run(conn: object, xml: str, words: list[str]) -> str:
    """The XML after one call of virt-xml; its message where it refuses."""
    sys.argv, sys.stdin = ["virt-xml", *words, "--print-xml"], io.StringIO(xml)
    said, complained = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            virtxml.main(conn)
    except (SystemExit, Exception) as error:
        return f"virt-xml {words}: {error} {complained.getvalue()}"
    return said.getvalue()


def main() -> None:
    """All cases of standard input."""
    cases = json.load(sys.stdin)
    conn = cli.getConnection("qemu:///system")
    results = []
    for case in cases:
        xml = case["xml"]
        for words in case["calls"]:
            xml = run(conn, xml, words) if xml.lstrip().startswith("<") else xml
        results.append(xml)
    sys.__stdout__.write(json.dumps(results))  # type: ignore[union-attr]  # it is there


libvirt.registerErrorHandler(lambda _context, _error: None, None)
main()
