"""What other programs keep in a machine's metadata: read, put in place, taken away, saved and running alike."""

from __future__ import annotations

from ...access import User
from ...hypervisor.hosts import Hosts
from ...model.domain import Domain
from ...model.metadata import (
    OF,
    MetadataList,
    MetadataName,
    MetadataPut,
    asked_element,
    element_of,
    entries,
    fixed,
    plain,
    put_element,
)
from ...model.secrecy import keep_secrets, mask_secrets
from ...model.xml import Element, digest, parse
from ...plan import Change
from ...problems import Problem
from .changing import Act, Changing, Draft


class MetadataChanges:
    """Reads and plans changes of what stands in `<metadata>`."""

    def __init__(self, hosts: Hosts, changing: Changing) -> None:
        self._hosts = hosts
        self._changing = changing

    def all(self, host: str, uuid: str) -> MetadataList:
        """What each program keeps there."""
        domains = self._hosts.get(host).domains
        row = domains.row(uuid)
        saved = domains.xml(uuid, secure=True)
        running = parse(domains.xml(uuid, live=True)) if row is not None and row.active else None
        return MetadataList(etag=digest(saved), entries=entries(parse(saved), running))

    def put(self, host: str, uuid: str, body: MetadataPut, if_match: str | None, user: User) -> Change[Domain]:
        """Keep an element, in the place of what its namespace had."""
        draft = self._begin(host, uuid, body.namespace, if_match)
        old = element_of(draft.saved, body.namespace)
        self._plan(draft, body.namespace, asked_element(body, old))
        return self._changing.finish(draft, user)

    def remove(self, host: str, uuid: str, query: MetadataName, if_match: str | None, user: User) -> Change[Domain]:
        """Take away what a namespace has."""
        draft = self._begin(host, uuid, query.namespace, if_match)
        sides = [side for side in (draft.saved, draft.running) if side is not None]
        if all(element_of(side, query.namespace) is None for side in sides):
            raise Problem("not-found", f"The machine keeps nothing of {query.namespace}.")
        self._plan(draft, query.namespace, None)
        return self._changing.finish(draft, user)

    def _begin(self, host: str, uuid: str, namespace: str, if_match: str | None) -> Draft:
        draft = self._changing.begin(host, uuid, if_match, "both")
        if why := fixed(namespace):
            draft.fault("/namespace", why, slug="unsupported")
        draft.check()
        return draft

    def _plan(self, draft: Draft, namespace: str, element: Element | None) -> None:
        put_element(draft.saved, namespace, element)
        for tag in keep_secrets(draft.saved, parse(draft.before)):
            draft.warnings.append(f"A secret of {tag} is masked and not known, so there is none. Give it anew.")
        if draft.running is not None:
            was = element_of(draft.running, namespace)
            draft.acts.append((self._act(draft, namespace, element), self._act(draft, namespace, was)))
        tell_metadata(draft, namespace, element, *draft.flags)
        draft.effect(f"{OF}{namespace}", live=True)

    def _act(self, draft: Draft, namespace: str, element: Element | None) -> Act:
        put, text = draft.domains.set_live_metadata, plain(element) if element is not None else None
        key = (element.prefix if element is not None else None) or "app"
        return lambda: put(draft.uuid, namespace, key, text)


def tell_metadata(draft: Draft, namespace: str, element: Element | None, *flags: str) -> None:
    """Note the virsh call that keeps an element there, or takes it away."""
    words = ["--remove"]
    if element is not None:
        words = ["--key", element.prefix or "app", "--set", plain(mask_secrets(element))]
    draft.virsh("metadata", namespace, *flags, *words)
