"""The certificate of the TLS front: the administrator's own, else a self-signed one that renews itself."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..problems import Problem

SELF_SIGNED = "0-self-signed"
DAYS = 395
"""Longest life that current browsers accept."""
RENEW = timedelta(days=30)
SIOCGIFADDR = 0x8915


@dataclass(frozen=True)
class Pair:
    """A certificate chain and its key, as PEM files."""

    certificate: Path
    key: Path

    @property
    def self_signed(self) -> bool:
        """Whether Quarterdeck made it."""
        return self.certificate.stem == SELF_SIGNED


def chosen(folder: Path) -> Pair | None:
    """The pair to serve: of all `*.crt` (or `*.cert`) with a `*.key` of the same name, the last by name."""
    if not folder.is_dir():
        return None
    pairs = [Pair(f, f.with_suffix(".key")) for f in sorted(folder.iterdir()) if f.suffix in (".crt", ".cert")]
    complete = [p for p in pairs if p.key.exists()]
    return complete[-1] if complete else None


def ensure(folder: Path, names: tuple[str, ...] = (), group: int | None = None) -> Pair:
    """The pair to serve, after making or renewing the self-signed one where no other is there.

    `names` go into the certificate besides the host's own names and addresses. `group` is the
    numeric group that may read the key. Raises Problem `internal` when openssl fails.
    """
    pair = chosen(folder)
    if pair is None or (pair.self_signed and _ends_soon(pair.certificate)):
        pair = make(folder, names, group)
    return pair


def make(folder: Path, names: tuple[str, ...] = (), group: int | None = None) -> Pair:
    """A new self-signed pair (EC P-256, 395 days) in the folder. Files appear whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    pair = Pair(folder / f"{SELF_SIGNED}.crt", folder / f"{SELF_SIGNED}.key")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as made:
        key, certificate = Path(made, "key"), Path(made, "crt")
        _openssl(key, certificate, [*own_names(), *names])
        key.chmod(0o600 if group is None else 0o640)
        if group is not None:
            os.chown(key, -1, group)
            os.chown(folder, -1, group)
            folder.chmod(0o750)
        key.replace(pair.key)
        certificate.replace(pair.certificate)
    return pair


def own_names() -> list[str]:
    """The names and addresses under which this host is reached, without repetition."""
    found = [socket.gethostname(), socket.getfqdn(), "localhost", *own_addresses()]
    return [name for name in dict.fromkeys(found) if name and name != "localhost.localdomain"]


def own_addresses() -> list[str]:
    """IPv4 and IPv6 addresses of all interfaces, loopback included; no link-local ones."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(probe, SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:  # an interface without an IPv4 address
                continue
            found.append(socket.inet_ntoa(answer[20:24]))
    table = Path("/proc/net/if_inet6")
    lines = table.read_text().splitlines() if table.exists() else []
    found += [str(ipaddress.IPv6Address(bytes.fromhex(line.split()[0]))) for line in lines]
    return [a for a in dict.fromkeys(found) if not ipaddress.ip_address(a).is_link_local]


def _openssl(key: Path, certificate: Path, names: list[str]) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", str(DAYS), "-sha256"]
    command += ["-subj", f"/O=Quarterdeck self-signed/CN={socket.gethostname()[:64]}"]
    command += ["-addext", "subjectAltName=" + ",".join(_alternative(n) for n in dict.fromkeys(names))]
    command += ["-addext", "extendedKeyUsage=serverAuth", "-addext", "keyUsage=digitalSignature"]
    if shutil.which("openssl") is None:
        raise Problem("internal", "The program openssl is missing.", cure="Install the package openssl.")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem("internal", "openssl could not make the certificate.", raw=done.stderr.strip()[-500:])


def _alternative(name: str) -> str:
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


def ends(certificate: Path) -> datetime | None:
    """Until when a certificate is good; None when it cannot be read."""
    command = ["openssl", "x509", "-enddate", "-noout", "-in", str(certificate)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(done.stdout.strip().partition("=")[2]), UTC)


def _ends_soon(certificate: Path) -> bool:
    end = ends(certificate)
    return end is None or end - datetime.now(UTC) < RENEW
