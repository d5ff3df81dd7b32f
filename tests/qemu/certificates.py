"""Certificates for TLS, of an authority made for the test."""

from __future__ import annotations

import subprocess
from pathlib import Path


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.certificate = folder / "cacert.pem"
        self._key = folder / "cakey.pem"
        self._run("req", "-x509", "-subj", "/CN=Bed authority", "-keyout", self._key, "-out", self.certificate)

    def issue(self, folder: Path, stem: str, subject: str, names: str, own: str = "cacert.pem") -> None:
        """`stem`cert.pem and `stem`key.pem in a folder, beside the certificate of the authority, called `own`."""
        folder.mkdir(exist_ok=True)
        (folder / own).write_bytes(self.certificate.read_bytes())
        key, out = folder / f"{stem}key.pem", folder / f"{stem}cert.pem"
        signer = ("-CA", self.certificate, "-CAkey", self._key, "-addext", f"subjectAltName={names}")
        self._run(
            "req",
            "-x509",
            "-subj",
            f"/CN={subject}",
            *signer,
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            key,
            "-out",
            out,
        )

    @staticmethod
    def _run(*words: str | Path) -> None:
        kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
        subprocess.run(["openssl", *map(str, words), *kind], check=True, capture_output=True)
