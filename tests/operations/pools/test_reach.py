"""Whether a server answers, with real sockets."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from quarterdeck.model.pool import RbdPool
from quarterdeck.operations.pools.reach import must_answer, servers_must_answer
from quarterdeck.problems import Problem


def test_a_port_that_nobody_serves_is_told_at_its_field() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        must_answer("127.0.0.1", port, "/source_host")
    with pytest.raises(Problem) as closed:
        must_answer("127.0.0.1", port, "/source_host")
    assert closed.value.slug == "unreachable"
    assert closed.value.errors[0].pointer == "/source_host"


def test_of_a_cluster_one_monitor_must_answer() -> None:
    ask = {"type": "rbd", "name": "ceph", "source_name": "vms"}
    with socket.create_server(("127.0.0.1", 6789)):
        servers_must_answer(RbdPool.model_validate(ask | {"source_hosts": ["127.0.0.2", "127.0.0.1"]}))
    with pytest.raises(Problem) as silent:
        servers_must_answer(RbdPool.model_validate(ask | {"source_hosts": ["127.0.0.2"]}))
    assert (silent.value.slug, silent.value.errors[0].pointer) == ("unreachable", "/source_hosts/0")


@pytest.mark.parametrize("address", ["192.0.2.1", "files.example"])
def test_a_process_without_a_network_leaves_it_to_libvirt(address: str) -> None:
    code = f"from quarterdeck.operations.pools.reach import must_answer; must_answer({address!r}, 2049, '/source_host')"
    subprocess.run(["unshare", "--user", "--net", sys.executable, "-c", code], check=True, timeout=60)
