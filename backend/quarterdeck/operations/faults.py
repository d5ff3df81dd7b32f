"""Faults of a request, gathered to be told all at once, each at its field."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..problems import FieldError, Problem


@dataclass
class Faults:
    """What is wrong with a request; `slugs` keeps the kind of problem of each fault."""

    errors: list[FieldError] = field(default_factory=list)
    slugs: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)

    def add(self, pointer: str, detail: str, slug: str = "invalid-input") -> None:
        """Note a fault."""
        self.errors.append(FieldError(pointer, detail))
        self.slugs.add(slug)

    def take(self, pointer: str, problem: Problem) -> None:
        """Note a problem as a fault of a field."""
        self.add(pointer, " ".join(filter(None, (problem.detail, problem.cure))), problem.slug)

    def check(self) -> None:
        """Raise all that was noted as one problem."""
        if self.errors:
            slug = self.slugs.pop() if len(self.slugs) == 1 else "invalid-input"
            detail = self.errors[0].detail if len(self.errors) == 1 else "Some fields are not usable."
            raise Problem(slug, detail, errors=self.errors)
