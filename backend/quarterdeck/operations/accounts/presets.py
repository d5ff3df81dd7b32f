"""Descriptions of machines: what is kept of the form for new ones, to begin from it. Secrets are never kept."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field

from ...access import User
from ...model.ssh_key import KeyName
from ...model.strict import Strict, Value
from ...plan import Change, Plan
from ...problems import Problem, field_problem
from ...store import Store, now

MOST = 100
MOST_BYTES = 64 << 10
MOST_EARLIER = 20
SECRETS = ("password", "user_data", "product_key", "answer_file", "passphrase")


class PresetCreate(Strict):
    """What the form holds, under a name; where one's own has that name, it is its next version."""

    name: KeyName
    settings: dict[str, Any]
    shared: bool = Field(False, description="For everybody who may make machines")


class PresetVersion(Value):
    """What a preset held, and when it was followed by the next."""

    version: int
    settings: dict[str, Any]
    until: str


class Preset(Value):
    """What was kept of the form."""

    id: str
    name: str
    settings: dict[str, Any] = Field(description="As the page's form holds them")
    version: int = 1
    user: str = Field(description="Whose it is; nobody else changes it")
    shared: bool = False
    earlier: list[PresetVersion] = Field([], description="What it held before, newest first")
    remove: str | None = Field(None, description="Why one cannot delete it; null where one can")


class Presets:
    """Everybody's presets; each account sees its own and those that others share.

    `may_make` tells of an account whether it, being there, may make machines.
    """

    def __init__(self, store: Store, may_make: Callable[[str], bool]) -> None:
        self._store = store
        self._may_make = may_make

    def list(self, user: User) -> list[Preset]:
        """One's own presets and the shared ones, by name."""
        rows = self._store.read("SELECT * FROM presets WHERE user = ? OR shared ORDER BY name, user", (user.name,))
        return [self._preset(row, user) for row in rows]

    def keep(self, request: PresetCreate, user: User) -> Change[Preset]:
        """Keep settings under a name."""
        if len(json.dumps(request.settings)) > MOST_BYTES:
            raise field_problem("/settings", "That is too much for a preset.")
        if any(_secrets(request.settings)):
            raise field_problem("/settings", "Passwords, product keys and one's own user data are not kept.")
        same = self._same(request, user)
        follows = same is not None and same.settings != request.settings
        words = [f"It is version {same.version + 1} of your preset {same.name}."] if same and follows else []
        return Change(Plan(notes=words), lambda: self._keep(request, user))

    def delete(self, identity: str, user: User) -> Change[None]:
        """Forget a preset with all its versions: of one's own, or of somebody who can do so no more."""
        found = next((preset for preset in self.list(user) if preset.id == identity), None)
        if found is None:
            raise Problem("not-found", "There is no such preset.")
        if found.remove:
            raise Problem("forbidden", found.remove)

        def apply() -> None:
            with self._store.transaction():
                self._store.write("DELETE FROM preset_versions WHERE preset = ?", (identity,))
                self._store.write("DELETE FROM presets WHERE id = ?", (identity,))

        return Change(Plan(), apply)

    def _same(self, request: PresetCreate, user: User) -> Preset | None:
        """One's own preset of that name; Problem where there is none, and no room for another."""
        own = [preset for preset in self.list(user) if preset.user == user.name]
        same = next((preset for preset in own if preset.name == request.name), None)
        if same is None and len(own) >= MOST:
            raise Problem("overloaded", f"You have {MOST} presets.", cure="Delete those that are not used any more.")
        return same

    def _keep(self, request: PresetCreate, user: User) -> Preset:
        with self._store.transaction():  # one that is kept in another tab at once is the version before
            same = self._same(request, user)
            identity, version = (same.id, same.version) if same else (secrets.token_hex(6), 1)
            if same and same.settings != request.settings:
                older = (identity, version, json.dumps(same.settings), now())
                self._store.write("INSERT INTO preset_versions VALUES (?,?,?,?)", older)
                last = (identity, version - MOST_EARLIER)
                self._store.write("DELETE FROM preset_versions WHERE preset = ? AND version <= ?", last)
                version += 1
            self._store.write(
                "INSERT OR REPLACE INTO presets (id, user, name, settings, shared, version) VALUES (?,?,?,?,?,?)",
                (identity, user.name, request.name, json.dumps(request.settings), request.shared, version),
            )
            return next(preset for preset in self.list(user) if preset.id == identity)

    def _preset(self, row: dict[str, Any], user: User) -> Preset:
        owner = str(row["user"])
        others = owner != user.name and self._may_make(owner)
        older = self._store.read(
            "SELECT version, settings, until FROM preset_versions WHERE preset = ? ORDER BY version DESC", (row["id"],)
        )
        return Preset(
            **row | {"settings": json.loads(row["settings"]), "shared": bool(row["shared"])},
            earlier=[PresetVersion(**each | {"settings": json.loads(each["settings"])}) for each in older],
            remove=f"It is that of {owner}, who alone may delete it." if others else None,
        )


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (name for name in SECRETS if value.get(name))
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, list):
        for each in value:
            yield from _secrets(each)
