"""The thread that runs libvirt's event loop."""

from __future__ import annotations

import logging
import threading

import libvirt

log = logging.getLogger(__name__)
THREAD_NAME = "libvirt-events"
_STARTING = threading.Lock()  # libvirt's loop is one per process by libvirt's own rule


def ensure_running() -> None:
    """Have the event loop running; the second and later calls do nothing.

    Must be called before the first connection is opened: an older connection can have neither events nor
    keep-alive. The process must not fork afterwards.
    """
    with _STARTING:
        if any(thread.name == THREAD_NAME for thread in threading.enumerate()):
            return
        libvirt.registerErrorHandler(_silent, None)
        libvirt.virEventRegisterDefaultImpl()
        # A timer that never fires, so that the loop always has something to wait for.
        libvirt.virEventAddTimeout(-1, _never, None)
        threading.Thread(target=_run, name=THREAD_NAME, daemon=True).start()


def _silent(_context: object, _error: object) -> None:
    """Keep libvirt from writing each error to stderr; they all arrive as exceptions."""


def _never(_timer: int, _opaque: object) -> None:
    """Nothing."""


def _run() -> None:
    while True:
        try:
            libvirt.virEventRunDefaultImpl()
        except Exception:  # one broken callback must not end the news of every host
            log.exception("libvirt's event loop stumbled")
