"""Graphical consoles of a machine: added and changed; a password goes in and never comes out."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from ...model.bodies import wanted
from ...model.devices import Graphics, Placed, devices
from ...model.xml import Element
from ..changing.changing import Draft
from ..changing.fit import Values
from .parts import Parts, tell
from .plugging import running_pair, update_live

OPEN = ("0.0.0.0", "::")  # noqa: S104 - warned about
SETTINGS = frozenset(name for name, place in Graphics.places.items() if place.at.asked)


class Displays:
    """Plans changes of graphical consoles."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def add(self, draft: Draft, body: Any) -> None:
        """A new display; libvirt adds none while the machine runs."""
        given = {name: value for name, value in wanted(body).items() if value is not None and name in SETTINGS}
        kind = given.get("kind", "vnc")
        if any(isinstance(each, Graphics) and each.kind == kind for each in devices(draft.saved)):
            draft.fault("/kind", f"The machine has a display of type {kind}.", slug="unsupported")
        values = {
            "kind": "vnc",
            **_listens(body.listen or ("socket" if kind == "vnc" else "127.0.0.1"), given),
            **given,
        }
        if kind == "egl-headless":
            values = {"kind": kind, **given}
        self._parts.place(draft, Graphics, values, given)
        _warn(draft, body.listen)
        added = draft.saved.findall("devices/graphics")
        if body.password and added and not draft.errors:
            added[-1].set("passwd", body.password.get_secret_value())

    def edit(self, draft: Draft, placed: Placed, body: Any) -> None:
        """Change a display."""
        changes = {name: value for name, value in wanted(body).items() if name in SETTINGS}
        self._parts.change(draft, placed, changes)
        if body.listen:
            where = _listens(body.listen, changes)
            placed.element.attrib.pop("listen", "")
            Graphics.patch(placed.element, where)
            tell(draft, placed, where, "xpath900.set=./@listen=")
            draft.late("listen", "/listen")
            _warn(draft, body.listen)
        if "password" in body.model_fields_set:
            self._password(draft, placed, body.password)
            draft.with_file("update-device", placed.element, *draft.flags)

    def _password(self, draft: Draft, placed: Placed, password: SecretStr | None) -> None:
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


def _put(element: Element, password: SecretStr | None) -> None:
    if password:
        element.set("passwd", password.get_secret_value())
    else:
        Graphics.patch(element, {"has_password": False, "password_valid_to": None})


def _listens(where: str, given: Values) -> Values:
    """Where it waits for viewers; a port is chosen at each start unless one was asked for."""
    kind = where if where in ("socket", "none") else "address"
    address = where if kind == "address" else None
    port = given.get("port")
    fixed = port is not None and port >= 0
    chosen: Values = {"port": port if fixed else -1, "autoport": not fixed} if kind == "address" else {}
    return {"listens": ({"type": kind, "address": address},), "port": None, "autoport": None, **chosen}


def _warn(draft: Draft, listen: str | None) -> None:
    if listen in OPEN:
        draft.warnings.append("Everybody who reaches the host can try to connect; set a password.")
