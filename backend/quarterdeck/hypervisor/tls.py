"""Why a TLS connection to a host fails: libvirt only says that it does not like the certificate."""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path

from ..problems import Problem
from .spec import PORTS, HostSpec, Reach

SECONDS = 10.0
UNFIT = "verify peer's certificate"


def explained_tls(problem: Problem, spec: HostSpec, reach: Reach) -> Problem:
    """The problem with what is wrong with the host's certificate, where a look at it tells."""
    folder = reach.certificates
    if folder is None or UNFIT not in (problem.raw or ""):
        return problem
    context = ssl.create_default_context(cafile=str(folder / "cacert.pem"))
    with contextlib.suppress(FileNotFoundError, ssl.SSLError):  # without one of its own the host shows its anyway
        context.load_cert_chain(folder / "clientcert.pem", folder / "clientkey.pem")
    try:
        with socket.create_connection((spec.address, spec.port or PORTS["tls"]), SECONDS) as plain:
            context.wrap_socket(plain, server_hostname=spec.address).close()
    except ssl.SSLCertVerificationError as error:
        return _words(error, spec, folder, problem)
    except OSError:
        pass
    return problem


def _words(error: ssl.SSLCertVerificationError, spec: HostSpec, folder: Path, problem: Problem) -> Problem:
    raw = f"{problem.raw}; {error.verify_message}"
    if "mismatch" in error.verify_message:
        return Problem(
            "host-refused",
            f"The host's TLS certificate is made out to another name than {spec.address}.",
            cure="Add the host by the name in its certificate, or give the host a certificate with this one.",
            raw=raw,
        )
    if "expired" in error.verify_message or "not yet valid" in error.verify_message:
        return Problem("host-refused", "The host's TLS certificate is not valid at this time.", raw=raw)
    return Problem(
        "host-refused",
        "The host's TLS certificate is not of the authority that Quarterdeck trusts.",
        cure=f"The authority's certificate belongs into {folder / 'cacert.pem'}.",
        raw=raw,
    )
