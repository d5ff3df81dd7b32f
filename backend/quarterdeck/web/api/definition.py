"""Settings of a machine, its definition as XML, and the history of its definitions."""

from __future__ import annotations

from uuid import UUID

import flask

from ...access import Permission, User
from ...model.domain import Domain
from ...model.edits import ApplyQuery, DomainPatch
from ...operations.changing.definitions import DefinitionPut, Definitions, DefinitionText, XmlQuery
from ...operations.domains.timeline import HistoryEntry, HistoryQuery, HistoryText, Restore, Timeline
from ...operations.settings.edit import Editing
from ...plan import Change
from ..route import JSON, Raw, route

ONE = "/hosts/<host>/domains/<uuid:uuid>"
XML = "application/xml"
VIEW, EDIT = Permission.DOMAIN_VIEW, Permission.DOMAIN_EDIT


class DefinitionRoutes:
    """The definition of a machine."""

    def __init__(self, editing: Editing, definitions: Definitions, timeline: Timeline) -> None:
        self._editing = editing
        self._definitions = definitions
        self._timeline = timeline

    @route("PATCH", ONE, needs=EDIT, if_match=True)
    def edit(
        self, host: str, uuid: UUID, body: DomainPatch, query: ApplyQuery, if_match: str, user: User
    ) -> Change[Domain]:
        """Change settings of a machine. What can change while it runs does so at once, unless `apply` differs."""
        return self._editing.patch(host, str(uuid), body, query, if_match, user)

    @route("GET", ONE + "/xml", needs=VIEW, answers=DefinitionText, gives=(XML,))
    def text(self, host: str, uuid: UUID, query: XmlQuery, request: flask.Request) -> DefinitionText | Raw:
        """The definition as XML, passwords masked: the saved one, or with `live` the one that runs."""
        found = self._definitions.text(host, str(uuid), query)
        if request.accept_mimetypes.best_match([JSON, XML]) == XML:
            return Raw(found.xml.encode(), XML, {"ETag": f'"{found.etag}"', "Vary": "Accept"})
        return found

    @route("PUT", ONE + "/xml", needs=EDIT, if_match=True, takes=XML, act="domain edit XML")
    def put(self, host: str, uuid: UUID, body: DefinitionPut, if_match: str, user: User) -> Change[Domain]:
        """Save another definition. A masked password stays what it was; name and UUID must stay."""
        return self._definitions.put(host, str(uuid), body, if_match, user)

    @route("GET", ONE + "/history", needs=VIEW)
    def history(self, host: str, uuid: UUID) -> list[HistoryEntry]:
        """Every definition that the machine had, newest first, with what each changed; also of one that is gone."""
        return self._timeline.entries(host, str(uuid))

    @route("GET", ONE + "/history/<int:number>", needs=VIEW)
    def entry(self, host: str, uuid: UUID, number: int, query: HistoryQuery) -> HistoryText:
        """One definition of the history with its XML, compared with any other."""
        return self._timeline.entry(host, str(uuid), number, query)

    @route("POST", ONE + "/history/<int:number>/restore", needs=EDIT, if_match=True, act="definition restore")
    def restore(
        self, host: str, uuid: UUID, number: int, *, body: Restore, if_match: str, user: User
    ) -> Change[Domain]:
        """Save a definition of the history again, whole or in part."""
        return self._timeline.restore(host, str(uuid), number, body=body, if_match=if_match, user=user)

    @route("POST", ONE + "/history/<int:number>/undo", needs=EDIT, if_match=True, act="definition undo")
    def undo(self, host: str, uuid: UUID, number: int, if_match: str, user: User) -> Change[Domain]:
        """Take back what one definition changed and keep what was changed since. Refused where both meet."""
        return self._timeline.undo(host, str(uuid), number, if_match, user)

    @route("POST", ONE + "/history/<int:number>/accept", needs=EDIT, act="definition accept")
    def accept(self, host: str, uuid: UUID, number: int, user: User) -> Change[HistoryText]:
        """Take what was changed outside Quarterdeck for good: it is told as drift no more."""
        return self._timeline.accept(host, str(uuid), number, user)
