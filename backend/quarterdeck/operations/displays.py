"""Graphical consoles of a machine: password and address."""

from __future__ import annotations

from ..model.devices import Graphics, Placed
from ..model.edits import GraphicsEdit
from ..model.xml import Element, mask_secrets
from .changing import Draft
from .plugging import running_pair, update_live


class Displays:
    """Plans changes of graphical consoles."""

    def edit(self, draft: Draft, placed: Placed, body: GraphicsEdit) -> None:
        """Change a display."""
        if body.listen:
            _listen(placed.element, body.listen)
            draft.late("listen", "/listen")
            if body.listen in ("0.0.0.0", "::"):  # noqa: S104 - warned about
                draft.warnings.append("Everybody who reaches the host can try to connect; set a password.")
        if "password" in body.model_fields_set:
            self._password(draft, placed, body.password)
        draft.with_file("update-device", mask_secrets(placed.element), *draft.flags)

    def _password(self, draft: Draft, placed: Placed, password: str | None) -> None:
        _put(placed.element, password)
        pair = running_pair(draft, placed.id)
        # QEMU takes no password for a display on a socket while it runs (tried with 7.2 and 10.0)
        on_socket = pair is not None and any(listen.type == "socket" for listen in Graphics.read(pair[1]).listens)
        if pair and not on_socket:
            _put(pair[1], password)
            update_live(draft, pair[0].element, pair[1])
        elif draft.live:
            draft.late("password", "/password")
            return
        draft.effect("password", live=pair is not None)


def _put(element: Element, password: str | None) -> None:
    if password:
        element.set("passwd", password)
    else:
        Graphics.patch(element, {"has_password": False, "password_valid_to": None})


def _listen(element: Element, where: str) -> None:
    kind = where if where in ("socket", "none") else "address"
    address = where if kind == "address" else None
    element.attrib.pop("listen", "")
    automatic = {"port": -1, "autoport": True} if kind == "address" else {"port": None, "autoport": None}
    Graphics.patch(element, {"listens": ({"type": kind, "address": address},), **automatic})
