"""Whether a server answers, with real sockets."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from quarterdeck.operations.pools.reach import must_answer
from quarterdeck.problems import Problem


def test_a_port_that_nobody_serves_is_told_at_its_field() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        must_answer("127.0.0.1", port, "/source_host")
    with pytest.raises(Problem) as closed:
        must_answer("127.0.0.1", port, "/source_host")
    assert closed.value.slug == "unreachable"
    assert closed.value.errors[0].pointer == "/source_host"


@pytest.mark.parametrize("address", ["192.0.2.1", "files.example"])
def test_a_process_without_a_network_leaves_it_to_libvirt(address: str) -> None:
    code = f"from quarterdeck.operations.pools.reach import must_answer; must_answer({address!r}, 2049, '/source_host')"
    subprocess.run(["unshare", "--user", "--net", sys.executable, "-c", code], check=True, timeout=60)
