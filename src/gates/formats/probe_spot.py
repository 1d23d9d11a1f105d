"""Places in a YAML file that is read strictly: each value knows where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_yaml
from gates.formats.nearest import nearest
from gates.formats.strict_yaml import Path, YamlDocument


@dataclass(frozen=True, slots=True)
class Spot:
    """One value of a file.

    Attributes:
        document: the file.
        path: the way to the value.
        raw: the value.
    """

    document: YamlDocument
    path: Path
    raw: object

    @property
    def place(self) -> str:
        """`file:line:column` of the value."""
        return self.document.problem("", "", self.path, key=True).place

    def refused(self, summary: str, hint: str = "", *, key: bool = False) -> OutputUnreadable:
        """The error to raise about this value."""
        problem = self.document.problem("plan-invalid", summary, self.path, key=key, hint=hint)
        return OutputUnreadable(problem.slug, summary, hint=hint, place=problem.place)

    def keys(self, *known: str) -> dict[str, Spot]:
        """The members of a mapping that holds no other keys than these."""
        found = dict(self.entries())
        for name, spot in found.items():
            if name not in known:
                meant = nearest(name, known)
                hint = f"did you mean `{meant}`?" if meant else f"known are {', '.join(known)}"
                raise spot.refused(f"unknown key `{name}`", hint, key=True)
        return found

    def entries(self) -> Iterator[tuple[str, Spot]]:
        """The members of a mapping, whose keys are texts."""
        if not isinstance(self.raw, dict):
            raise self.refused("keys with values are expected here")
        for name, value in self.raw.items():
            yield str(name), Spot(self.document, (*self.path, name), value)

    def items(self) -> Iterator[Spot]:
        """The items of a list."""
        if not isinstance(self.raw, list):
            raise self.refused("a list is expected here", "begin each item with `- `")
        for at, value in enumerate(self.raw):
            yield Spot(self.document, (*self.path, at), value)

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.raw, str) or not self.raw:
            raise self.refused("a text is expected here", "put a number in quotes")
        return self.raw

    def word(self) -> str:
        """A text, or a number as it was written."""
        if isinstance(self.raw, (int, Decimal)) and not isinstance(self.raw, bool):
            return f"{self.raw:f}" if isinstance(self.raw, Decimal) else str(self.raw)
        return self.text()

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.raw, bool):
            raise self.refused("`true` or `false` is expected here")
        return self.raw

    def matching(self, pattern: re.Pattern[str], example: str) -> re.Match[str]:
        """A text or a number of this form."""
        found = pattern.fullmatch(self.word())
        if found is None:
            raise self.refused(f"`{self.word()}` is not understood", f"write it as {example}")
        return found


def opened(data: bytes, *, name: str) -> Spot:
    """The top level of a file.

    Raises:
        OutputUnreadable: the file is not in the strict subset; the first problem is told.
    """
    document = strict_yaml.read(data, name=name)
    if document.problems or not document.is_whole:
        first, *others = document.problems
        more = f" (and {len(others)} more problems)" if others else ""
        raise OutputUnreadable(
            first.slug, f"{first.summary}{more}", hint=first.hint, place=first.place
        )
    return Spot(document, (), document.value)
