"""Shell commands on a host: by SSH, or here where this server is the host itself. libvirt has no such thing."""

from __future__ import annotations

import os
import pwd
import shlex
import subprocess

from ..problems import Problem
from .host import Host

SECONDS = 20


def run_there(host: Host, script: str, *, text_in: str = "", root: bool = False) -> str:
    """Output of a script of `sh` on a host, in the account's home; with `root` as root there.

    Problem `unsupported` where there is no way to run anything, `forbidden` where it may not be root, `host-refused`
    with the script's own words where it fails. A host that refused root is asked again after it was reconnected.
    """
    if root and host.refuses_root:
        raise _no_root(host)
    environment = None
    if host.spec.transport == "ssh":
        inner = shlex.join(["sh", "-c", f"cd; {script}"])
        if root:
            inner = f'if [ "$(id -u)" = 0 ]; then exec {inner}; else exec sudo -n -H {inner}; fi'
        words = [*host.ssh_command(), inner]
    else:
        _must_be_here(host, root)
        words = ["sh", "-c", f"cd; {script}"]
        environment = os.environ | {"HOME": pwd.getpwuid(os.geteuid()).pw_dir}
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, input=text_in, timeout=SECONDS, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Problem("timed-out", f"A command on {host.spec.name} did not come to its end.", raw=str(error)) from error
    if done.returncode:
        if root and "sudo" in done.stderr:
            host.refuses_root = True
            raise _no_root(host, done.stderr)
        raise Problem("host-refused", f"A command on {host.spec.name} failed.", raw=done.stderr.strip() or None)
    return done.stdout


def _no_root(host: Host, raw: str | None = None) -> Problem:
    cure = "Let that account use sudo there without a password, then reconnect the host."
    return Problem("forbidden", f"{host.spec.user} may not act as root on {host.spec.name}.", cure=cure, raw=raw)


def _must_be_here(host: Host, root: bool) -> None:
    if not host.is_here:
        raise Problem("unsupported", f"This server has no shell on {host.spec.name}.")
    if root and os.geteuid():
        raise Problem("forbidden", "This server does not run as root.")
