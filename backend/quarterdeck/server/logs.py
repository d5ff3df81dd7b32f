"""The log of every process: standard error, which systemd keeps."""

from __future__ import annotations

import logging


def begin(level: str) -> None:
    """Log from this level on."""
    logging.basicConfig(level=level.upper(), format="%(name)s: %(levelname)s %(message)s")
