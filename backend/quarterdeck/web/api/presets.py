"""Presets of the form for new machines."""

from __future__ import annotations

from ...access import Permission, User
from ...operations.accounts.presets import Preset, PresetCreate, Presets
from ...plan import Change
from ..route import route


class PresetRoutes:
    """What was kept of the form for new machines; each account has its own, and those that others share."""

    def __init__(self, presets: Presets) -> None:
        self._presets = presets

    @route("GET", "/presets", needs=Permission.DOMAIN_CREATE)
    def all(self, user: User) -> list[Preset]:
        """One's own presets and those that others share, by name."""
        return self._presets.list(user)

    @route("POST", "/presets", needs=Permission.DOMAIN_CREATE, status=201)
    def keep(self, body: PresetCreate, user: User) -> Change[Preset]:
        """Keep settings under a name; where one's own preset has that name, as its next version."""
        return self._presets.keep(body, user)

    @route("DELETE", "/presets/<id>", needs=Permission.DOMAIN_CREATE, status=204)
    def delete(self, id: str, user: User) -> Change[None]:
        """Forget a preset with all its versions: of one's own, or of an account that may make no machines any more."""
        return self._presets.delete(id, user)
