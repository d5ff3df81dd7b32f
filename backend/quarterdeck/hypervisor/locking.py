"""The settings of a host's lock manager. libvirt's API does not tell them; a shell there reads and writes the files."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping

from ..model.locking import LOCKD, NOBODY, QEMU, SANLOCK, LockFacts
from ..problems import Problem
from .host import Host
from .shell import run_there

ETC = "/etc/libvirt"
CUT = "=quarterdeck="
# Each part ends with CUT; a file that can be read ends with a full stop, so that an empty one is told from none.
LOOK = f"""
for f in {QEMU} {LOCKD} {SANLOCK}; do
  cat "$etc/$f" && echo .; echo {CUT}
done
stat -c %Y "$etc"/{QEMU} "$etc"/{LOCKD} "$etc"/{SANLOCK} | sort -n | tail -n 1; echo {CUT}
stat -c %Y /run/virtqemud.pid /run/libvirtd.pid | sort -n | tail -n 1; echo {CUT}
ls /usr/lib/libvirt/lock-driver /usr/lib/*/libvirt/lock-driver /usr/lib64/libvirt/lock-driver; echo {CUT}
[ -S /run/sanlock/sanlock.sock ] && echo runs; true
"""
WRITE = """
f=$etc/$name
if [ -e "$f" ]; then cp -p "$f" "$f.before" && cp -p "$f" "$f.new"; else umask 022; fi
cat > "$f.new" && mv "$f.new" "$f"
"""
BUSY = """
virsh -q -r list --name | while read -r name; do
  [ -n "$name" ] && virsh -r domjobinfo --domain "$name" | grep -qi bounded && echo "$name"
done; true
"""
# libvirt asks virtlockd in a process that it has forked off and that runs nothing else yet. There GLib before 2.76 can
# wait for ever for a lock that another thread held at the fork, and with it the start of the machine (g_slice_alloc,
# seen with libvirt 9.0 and GLib 2.74). With G_SLICE=always-malloc GLib has no such lock.
# Where no systemd runs the daemon is ended and started again by its own command line, which is kept for the case that
# it does not come back and the old settings are to be tried.
RESTART = """
if [ -d /run/systemd/system ]; then
  unit=libvirtd; systemctl is-active -q virtqemud && unit=virtqemud
  [ "$manager" = lockd ] && systemctl enable -q --now virtlockd.socket
  more=/etc/systemd/system/$unit.service.d/quarterdeck-locking.conf
  if [ "$manager" = none ]; then rm -f "$more"
  else
    mkdir -p "${more%/*}" && printf '[Service]\nEnvironment=G_SLICE=always-malloc\n' > "$more" || exit 1
  fi
  systemctl daemon-reload
  systemctl restart "$unit" || exit 1
else
  if [ "$manager" = none ]; then unset G_SLICE; else export G_SLICE=always-malloc; fi
  kept=/run/libvirt/quarterdeck-restart
  pid=$(cat /run/virtqemud.pid /run/libvirtd.pid 2>/dev/null | head -n 1)
  if [ -n "$pid" ] && [ -d "/proc/$pid" ]; then
    tr '\\0' ' ' < "/proc/$pid/cmdline" > "$kept"
    kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  $(cat "$kept") >/dev/null || exit 1
fi
tries=0
until virsh -q -c qemu:///system list >/dev/null 2>&1; do
  tries=$((tries + 1)); [ "$tries" -lt 25 ] || { virsh -q -c qemu:///system list; exit 1; }
  sleep 0.2
done
"""
Shell = Callable[[str, str], str]
"""Runs a script as root with a text on its standard input; its output."""


class LockFiles:
    """The files of a host's lock manager, through a shell there."""

    def __init__(self, shell: Shell, etc: str = ETC) -> None:
        self._shell = shell
        self._etc = f"etc={shlex.quote(etc)}"

    def facts(self) -> LockFacts:
        """What the host tells."""
        parts = self._run(f"exec 2>/dev/null\n{LOOK}").split(f"{CUT}\n")
        texts = [part.removesuffix(".\n") if part.endswith(".\n") else None for part in parts[:3]]
        changed, started = (int(part) if part.strip().isdigit() else None for part in parts[3:5])
        drivers = tuple(sorted({line.removesuffix(".so") for line in parts[5].split() if line.endswith(".so")}))
        return LockFacts(
            dict(zip((QEMU, LOCKD, SANLOCK), texts, strict=True)), changed, started, drivers, bool(parts[6])
        )

    def lacking(self, folders: Mapping[str, str]) -> list[str]:
        """Those names whose folder is not there."""
        tests = "; ".join(f"[ -d {shlex.quote(path)} ] || echo {name}" for name, path in folders.items())
        return self._run(f"{tests}; true").split() if tests else []

    def busy(self) -> list[str]:
        """Machines in the middle of a job, which a restart of libvirt's daemon would break off."""
        return self._run(BUSY).split()

    def write(self, name: str, text: str) -> None:
        """Write one file in one step, with its owner and mode; the old text stays beside as .before."""
        self._run(f"name={shlex.quote(name)}\n{WRITE}", text)

    def restart(self, manager: str) -> None:
        """Restart libvirt's daemon and wait until it answers; Problem where it does not come back."""
        self._run(f"manager={shlex.quote(manager)}\n{RESTART}")

    def _run(self, script: str, text_in: str = "") -> str:
        return self._shell(f"{self._etc}\n{script}", text_in)


def lock_files(host: Host) -> LockFiles:
    """The files of a host that this server reaches."""
    return LockFiles(lambda script, text_in: run_there(host, script, text_in=text_in, root=True))


def lock_facts(host: Host) -> LockFacts:
    """What a host tells, as far as this server may look."""
    try:
        return lock_files(host).facts()
    except Problem:
        return NOBODY
