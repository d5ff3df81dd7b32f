"""How fast data gets from one host to another, tried by a short stream over SSH, the way that a move takes too."""

from __future__ import annotations

import shlex

from ...hypervisor.accounts import Account
from ...hypervisor.host import Host
from ...hypervisor.shell import run_there
from ...problems import Problem
from .route import destination_spec, driving_key

SECONDS = 1
MOST_MIB = 256
FAST = ["-o", "Compression=no"]
COUNT = f"date +%s%N; timeout {SECONDS} head -c {MOST_MIB << 20} | wc -c; date +%s%N"
"""Run at the destination, it begins when SSH has let it in: times in nanoseconds around the number of bytes."""


class LinkTest:
    """A stream of zeros from one host to another that ends by itself."""

    def __init__(self, source: Host, destination: Host, transfer_address: str | None) -> None:
        self._source = source
        if source.is_here and destination.spec.transport == "ssh":
            first, *rest = destination.ssh_command()
            self._ssh: list[str] | None = [first, *FAST, *rest]
        elif source.spec.transport == "ssh" and destination.spec.transport in ("ssh", "local"):
            target = destination_spec(source, destination, transfer_address)
            self._ssh = Account.ssh_to(target, driving_key(source), *FAST)
        else:
            self._ssh = None

    @property
    def possible(self) -> bool:
        """Whether there is a shell on the source and a way by SSH from there."""
        return self._ssh is not None

    @property
    def script(self) -> str:
        """What runs at the source."""
        return f"dd if=/dev/zero bs=64k 2>/dev/null | {shlex.join([*(self._ssh or []), COUNT])}"

    def run(self) -> int:
        """Bytes per second that arrived."""
        told = run_there(self._source, self.script, root=not self._source.is_here).split()
        try:
            begun, arrived, ended = map(int, told)
            return arrived * 1_000_000_000 // (ended - begun)
        except (ValueError, ZeroDivisionError) as error:
            raise Problem(
                "unsupported",
                "The destination did not tell what arrived.",
                cure="It needs the commands date, timeout, head and wc of GNU.",
                raw=" ".join(told),
            ) from error
