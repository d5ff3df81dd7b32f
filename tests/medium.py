"""Installation media with a few files, as the tools of distributions make them."""

from __future__ import annotations

import io
from pathlib import Path

import pycdlib


def medium(path: Path, label: str, files: dict[str, bytes], *, rock_ridge: bool = True) -> Path:
    """An ISO of this label with these files; without Rock Ridge names are short and in capitals."""
    made = pycdlib.PyCdlib()
    made.new(interchange_level=1, vol_ident=label, rock_ridge="1.09" if rock_ridge else None)
    folders: dict[str, str] = {"": ""}
    for name, data in files.items():
        *parents, last = name.split("/")
        for depth in range(1, len(parents) + 1):
            folder, above = "/".join(parents[:depth]), "/".join(parents[: depth - 1])
            if folder not in folders:
                folders[folder] = f"{folders[above]}/{_short(parents[depth - 1].replace('.', '_'))}"
                made.add_directory(folders[folder], rr_name=parents[depth - 1] if rock_ridge else None)
        iso_path = f"{folders['/'.join(parents)]}/{_short(last)}{'' if '.' in last else '.'};1"
        made.add_fp(io.BytesIO(data), len(data), iso_path, rr_name=last if rock_ridge else None)
    made.write(str(path))
    made.close()
    return path


def _short(name: str) -> str:
    stem, dot, ending = name.upper().partition(".")
    return f"{stem[:8]}{dot}{ending[:3]}"
