"""SSH between the hosts of the bed and from outside."""

import subprocess
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from .host import BedHost
from .waiting import wait_for

SETTINGS = """Port 22
HostKey {folder}/host_key
PidFile /run/sshd.pid
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
StrictModes no
AuthorizedKeysFile {folder}/authorized_keys
"""


def start_ssh(bed: Path, hosts: Iterable[BedHost]) -> Path:
    """Start sshd on each host; gives the private key that may log in as root. A second call changes nothing."""
    key = bed / "ssh_key"
    hosts = list(hosts)
    if key.exists():
        return key
    _make_key(key)
    for host in hosts:
        folder = host.space.folder / "ssh"
        _make_key(folder / "host_key")
        (folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
        (folder / "id_ed25519").write_text(key.read_text())
        (folder / "id_ed25519").chmod(0o600)
        (folder / "sshd_config").write_text(SETTINGS.format(folder=folder))
    known = "".join(_known(host) for host in hosts)
    (bed / "known_hosts").write_text(known)
    for host in hosts:
        folder = host.space.folder / "ssh"
        (folder / "known_hosts").write_text(known)
        host.space.run("/usr/sbin/sshd", "-f", folder / "sshd_config", "-E", host.space.folder / "log/sshd.log")
        wait_for(partial(host.space.run, "ss", "-Hltn", "sport = :22"), what="sshd")
    return key


def _make_key(path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bed", "-f", path], check=True)


def _known(host: BedHost) -> str:
    public = (host.space.folder / "ssh/host_key.pub").read_text().rsplit(" ", 1)[0]
    return f"{host.name},{host.address} {public}\n"
