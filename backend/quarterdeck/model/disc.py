"""Discs made in memory: ISO 9660 with Rock Ridge and Joliet, so that Linux and Windows see the same names."""

from __future__ import annotations

import io
from collections.abc import Mapping


def disc(label: str, files: Mapping[str, str]) -> bytes:
    """The image of a disc with these files in its root."""
    import pycdlib  # noqa: PLC0415 - 2 MiB, for few

    made = pycdlib.PyCdlib()
    made.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=label)
    for number, (name, text) in enumerate(files.items()):
        data = text.encode()
        made.add_fp(
            io.BytesIO(data),
            len(data),
            iso_path=f"/FILE{number}.;1",
            rr_name=name,
            joliet_path=f"/{name}",
        )
    image = io.BytesIO()
    made.write_fp(image)
    made.close()
    return image.getvalue()
