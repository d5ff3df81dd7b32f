"""What may be set of a machine, and taking back what waits."""

from __future__ import annotations

from uuid import UUID

from ...access import Permission, User
from ...model.domain import Domain
from ...model.forms import Form
from ...operations.changing.discarding import Discard, Discarding
from ...operations.settings.forms import SettingsForms
from ...plan import Change
from ..route import route

ONE = "/hosts/<host>/domains/<uuid:uuid>"


class SettingsRoutes:
    """Settings of a machine beside PATCH, which changes them."""

    def __init__(self, forms: SettingsForms, discarding: Discarding) -> None:
        self._forms = forms
        self._discarding = discarding

    @route("GET", ONE + "/settings", needs=Permission.DOMAIN_VIEW)
    def forms(self, host: str, uuid: UUID) -> list[Form]:
        """What may be set, section by section: each field a member of PATCH, with limits and what the host cannot."""
        return self._forms.all(host, str(uuid))

    @route("POST", ONE + "/pending/discard", needs=Permission.DOMAIN_EDIT, if_match=True, act="domain discard change")
    def discard(self, host: str, uuid: UUID, body: Discard, if_match: str, user: User) -> Change[Domain]:
        """Take back one change that waits for the next start: the saved definition gets the value that runs."""
        return self._discarding.discard(host, str(uuid), body, if_match, user)
