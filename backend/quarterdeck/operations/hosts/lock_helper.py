"""What the lock helper is asked and answers, and asking it: root's part of `locking.py` on this server's own host."""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path
from typing import Any, TypeVar

from ...hypervisor.host import Host
from ...model.locking import Locking, LockingWish
from ...model.strict import Strict, Value
from ...plan import Change, Plan
from ...problems import Problem

T = TypeVar("T")
log = logging.getLogger(__name__)
ANSWER_SECONDS = 90.0
"""libvirt's daemon may be restarted meanwhile, and its old settings with it."""


class LockQuestion(Strict):
    """Without a wish: what protects this host. With one: what would change, or change it.

    `taken` tells which other host has which of sanlock's numbers.
    """

    wish: LockingWish | None = None
    taken: dict[int, str] = {}
    apply: bool = False


class LockAnswer(Value):
    """One of them. No text of a setting's file leaves the helper but the lines of the plan: they may hold passwords."""

    locking: Locking | None = None
    plan: Plan | None = None
    problem: dict[str, Any] | None = None


class LockHelper:
    """Asks the helper behind a UNIX socket: one connection, one question, one JSON line each way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._one_at_a_time = threading.Lock()

    def serves(self, host: Host) -> bool:
        """Whether it is asked about this host: it is ours, and root's to change, which we are not."""
        return host.is_here and os.geteuid() != 0 and self._path.exists()

    def look(self) -> Locking:
        """What protects this host."""
        return _told(self._ask(LockQuestion()).locking)

    def change(self, wish: LockingWish, taken: dict[int, str]) -> Change[Locking]:
        """Give this host another protection."""
        asked = LockQuestion(wish=wish, taken=taken)
        plan = _told(self._ask(asked).plan)
        return Change(plan, lambda: _told(self._ask(asked.model_copy(update={"apply": True})).locking))

    def _ask(self, question: LockQuestion) -> LockAnswer:
        try:
            with self._one_at_a_time, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as helper:
                helper.settimeout(ANSWER_SECONDS)
                helper.connect(str(self._path))
                helper.sendall(question.model_dump_json().encode() + b"\n")
                with helper.makefile("rb") as told:
                    answer = LockAnswer.model_validate_json(told.readline())
        except (OSError, ValueError) as error:
            raise _silent(error) from error
        if answer.problem:
            raise Problem.from_dict(answer.problem)
        return answer


def _told(told: T | None) -> T:
    if told is None:
        raise _silent("it told something else")
    return told


def _silent(why: object) -> Problem:
    log.error("the lock helper does not answer: %s", why)
    return Problem(
        "forbidden",
        "The helper that reads and changes libvirt's settings as root does not answer.",
        cure="On the host: systemctl status quarterdeck-lock.socket",
        raw=str(why),
    )
