"""What the parts of a host (its domains, pools, networks ...) need of it."""

from __future__ import annotations

import uuid as uuids
from contextlib import AbstractContextManager
from typing import Protocol

import libvirt

from .agents import Agents
from .questions import Questions
from .spec import HostSpec


class Connections(Protocol):
    """The connections of a host. Each context turns libvirt's errors into Problems."""

    @property
    def questions(self) -> Questions:
        """Our own questions that look like a job."""

    @property
    def agents(self) -> Agents:
        """How long the agents of its guests are waited for."""

    @property
    def spec(self) -> HostSpec:
        """How it is reached."""

    @property
    def is_test(self) -> bool:
        """Whether this is libvirt's test driver."""

    def connection(self) -> AbstractContextManager[libvirt.virConnect]:
        """For quick calls."""

    def storage(self) -> AbstractContextManager[libvirt.virConnect]:
        """For calls about pools and volumes."""

    def fresh(self) -> AbstractContextManager[libvirt.virConnect]:
        """For one long act."""


def is_uuid(text: str) -> bool:
    """Whether the text is a UUID rather than a name."""
    try:
        uuids.UUID(text)
    except ValueError:
        return False
    return True
