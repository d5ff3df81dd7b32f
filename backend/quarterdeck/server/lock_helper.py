"""The lock helper: root, one connection, one question about libvirt's lock manager on this host, and out.

The web process may neither read nor write libvirt's settings. It sends a wish of a few checked fields and no path of
a file to write; what is done is what `quarterdeck locking` does.
"""

from __future__ import annotations

import sys
from typing import Any

from pydantic import ValidationError

from ..hypervisor.locking import ETC, LockFiles
from ..model.locking import read_locking
from ..operations.hosts.lock_helper import LockAnswer, LockQuestion
from ..operations.hosts.locking import change_locking, command_of
from ..problems import Problem
from . import auth_helper
from .locking import shell


def answer(question: bytes, etc: str = ETC) -> dict[str, Any]:
    """The answer to one question."""
    try:
        told = _answer(LockQuestion.model_validate_json(question), LockFiles(shell, etc))
    except ValidationError:
        told = LockAnswer(problem=Problem("invalid-input", "The lock helper does not know this question.").as_dict())
    except Problem as problem:
        told = LockAnswer(problem=problem.as_dict())
    return told.model_dump(mode="json", exclude_none=True)


def _answer(asked: LockQuestion, files: LockFiles) -> LockAnswer:
    if asked.wish is None:
        return LockAnswer(locking=read_locking(files.facts()))
    change = change_locking(files, asked.wish, asked.taken)
    if not asked.apply:
        return LockAnswer(plan=change.plan)
    print(f"asked by the page: {command_of(asked.wish)}", file=sys.stderr)
    return LockAnswer(locking=read_locking(change.apply()))


def main() -> None:
    """Serve the connection that systemd or the listener put on descriptor 0."""
    auth_helper.main(answer)


if __name__ == "__main__":
    main()
