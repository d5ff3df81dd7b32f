"""What somebody keeps of the form for new machines, to begin from another time. Secrets are never kept."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from ...access import User
from ...model.ssh_key import KeyName
from ...model.strict import Strict, Value
from ...plan import Change, Plan
from ...problems import Problem, field_problem
from ...store import Store

MOST = 100
MOST_BYTES = 64 << 10
SECRETS = ("password", "user_data", "product_key", "answer_file")


class PresetCreate(Strict):
    """What the form holds, under a name; one of the same name is replaced."""

    name: KeyName
    settings: dict[str, Any]


class Preset(Value):
    """What was kept of the form."""

    id: str
    name: str
    settings: dict[str, Any] = Field(description="As the page's form holds them")


class Presets:
    """Everybody's presets; each account sees its own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def list(self, user: User) -> list[Preset]:
        """One's presets by name."""
        rows = self._store.read("SELECT id, name, settings FROM presets WHERE user = ? ORDER BY name", (user.name,))
        return [Preset(id=row["id"], name=row["name"], settings=json.loads(row["settings"])) for row in rows]

    def keep(self, request: PresetCreate, user: User) -> Change[Preset]:
        """Keep settings under a name."""
        text, known = json.dumps(request.settings), self.list(user)
        if len(text) > MOST_BYTES:
            raise field_problem("/settings", "That is too much for a preset.")
        if any(_secrets(request.settings)):
            raise field_problem("/settings", "Passwords, product keys and one's own user data are not kept.")
        same = next((preset for preset in known if preset.name == request.name), None)
        if same is None and len(known) >= MOST:
            raise Problem("overloaded", f"You have {MOST} presets.", cure="Delete those that are not used any more.")
        made = Preset(id=same.id if same else secrets.token_hex(6), name=request.name, settings=request.settings)

        def apply() -> Preset:
            values = (made.id, user.name, made.name, text)
            self._store.write("INSERT OR REPLACE INTO presets (id, user, name, settings) VALUES (?,?,?,?)", values)
            return made

        words = [f"The preset {request.name} that you have is replaced."] if same else []
        return Change(Plan(warnings=words), apply)

    def delete(self, identity: str, user: User) -> Change[None]:
        """Forget a preset of one's own."""
        if all(preset.id != identity for preset in self.list(user)):
            raise Problem("not-found", "You have no such preset.")

        def apply() -> None:
            self._store.write("DELETE FROM presets WHERE id = ? AND user = ?", (identity, user.name))

        return Change(Plan(), apply)


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (name for name in SECRETS if value.get(name))
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, list):
        for each in value:
            yield from _secrets(each)
