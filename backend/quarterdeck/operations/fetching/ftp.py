"""Files of FTP servers, as anybody may read them.

The data come from the address that was connected to, whatever the server says of another one (ftplib, since 3.6).
"""

from __future__ import annotations

import ftplib
import io
import socket
from urllib.parse import SplitResult, unquote

from .fence import PATIENCE_SECONDS, Fence, broken, failed
from .reply import Reply


class _Ftp(ftplib.FTP):
    def __init__(self, fence: Fence) -> None:
        super().__init__(timeout=PATIENCE_SECONDS, encoding="utf-8")
        self._fence = fence

    def open(self, host: str, port: int) -> None:
        """Connect, through the fence, and log in as anybody."""
        self.sock = self._fence.connect(host, port)
        self.host, self.af = host, self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        self.login()
        self.voidcmd("TYPE I")


class _Incoming:
    """The bytes of a file; its end counts only when the server says that it was all."""

    def __init__(self, control: _Ftp, data: socket.socket) -> None:
        self._control = control
        self._file: io.BufferedReader | None = data.makefile("rb")

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        if self._file is None:
            return b""
        piece = self._file.read(size)
        if not piece:
            self._file = None
            try:
                self._control.voidresp()
            except ftplib.Error as error:
                raise EOFError(str(error)) from error
        return piece


def open_ftp(fence: Fence, parts: SplitResult, start: int) -> Reply:
    """A file from the byte `start` on, or from its begin where the server cannot; Problem `download-failed`."""
    control, path = _Ftp(fence), unquote(parts.path).removeprefix("/")
    try:
        control.open(str(parts.hostname), parts.port or ftplib.FTP_PORT)
        total, version = _known(control, path)
        start, data = _retrieve(control, path, start)
    except ftplib.error_perm as error:
        control.close()
        code = str(error)[:3]
        raise failed(f"{parts.hostname} answered: {error}.", str(error), status_code=int(code)) from error
    except ftplib.all_errors as error:
        control.close()
        raise broken(parts.hostname, error) from error
    except BaseException:
        control.close()
        raise

    def end() -> None:
        data.close()
        control.close()

    return Reply(start, total, version, True, _Incoming(control, data), data, end)


def _known(control: _Ftp, path: str) -> tuple[int | None, str]:
    """Length and time of a file, as far as the server tells them (RFC 3659)."""
    try:
        return control.size(path), control.sendcmd(f"MDTM {path}")
    except ftplib.error_perm as error:
        if str(error).startswith("550"):
            raise
        return None, ""


def _retrieve(control: _Ftp, path: str, start: int) -> tuple[int, socket.socket]:
    if start:
        try:
            return start, control.ntransfercmd(f"RETR {path}", start)[0]
        except ftplib.error_perm as error:
            if not str(error).startswith("50"):  # it does not know REST
                raise
    return 0, control.ntransfercmd(f"RETR {path}")[0]
