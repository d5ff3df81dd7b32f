"""A bed by hand."""

import argparse
from pathlib import Path

from .bed import Bed, tear_down


def main() -> int:
    """Bring a bed up or take it down; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.qemu.bed", description="Two libvirt hosts on this machine.")
    parser.add_argument("act", choices=["up", "down"])
    parser.add_argument("folder", type=Path, help="a folder of its own with a short path")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.act == "down":
        return 0 if tear_down(folder) else 1
    bed = Bed(folder, keep=True)
    key = bed.start_ssh()
    for host in (bed.a, bed.b):
        print(f"{host.name}: {host.uri}  or  {host.local_uri}")
        print(f"  inside: nsenter --target {host.space.first_pid} --all")
    print(f"SSH key of root on both: {key}, known hosts: {folder}/known_hosts")
    print(f"shared pool: {bed.shared}")
    return 0


raise SystemExit(main())
