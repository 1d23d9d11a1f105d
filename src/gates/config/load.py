"""gates.yaml -> Plan, or every problem of the file at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from gates import stages
from gates.config import extends, reserved, shared
from gates.config.draft import Drafting
from gates.config.extends import Book, Nowhere
from gates.config.merged import EXTENDS, Document, merged
from gates.config.problems import Problems
from gates.config.resolve import LoadStage, Resolution, StageNames, Stages
from gates.domain.errors import ConfigError
from gates.domain.plan import Plan, Policy
from gates.formats import strict_yaml


def load(
    data: bytes,
    *,
    name: str,
    default_project: str,
    load_stage: LoadStage = stages.load,
    stage_names: StageNames = stages.names,
    is_guarded: bool = True,
) -> Plan:
    """Read a gates.yaml that extends nothing.

    Args:
        data: its bytes.
        name: its name, for places.
        default_project: the project's name where the file gives none.
        load_stage: finds a stage's class by name; raises KeyError for an unknown one.
        stage_names: the names of all stages.
        is_guarded: refuse a gate that takes the place of the one that judges the policy.

    Raises:
        ConfigError: with all problems of the file, in the order of their places.
    """
    reading = _Reading(Stages(load_stage, stage_names), default_project, is_guarded=is_guarded)
    return reading.read(Book(data, name, Nowhere()), ())[0]


def load_book(
    book: Book,
    *,
    default_project: str,
    load_stage: LoadStage = stages.load,
    stage_names: StageNames = stages.names,
) -> Plan:
    """Read a gates.yaml, and all that it extends.

    Raises:
        ConfigError: with all problems of the file, in the order of their places; where it extends
            what cannot be read, or loosens it.
    """
    return _Reading(Stages(load_stage, stage_names), default_project).read(book, ())[0]


@dataclass(slots=True)
class _Reading:
    """Reads a file and those behind it."""

    known: Stages
    project: str
    is_guarded: bool = True

    def read(self, book: Book, above: tuple[str, ...]) -> tuple[Plan, Document]:
        """The plan, and the document that it follows from."""
        document = strict_yaml.read(book.data, name=book.source)
        problems = Problems(document)
        if not document.is_whole:
            raise problems.error()
        if EXTENDS not in document.value:
            return self._plan(book, document), document
        found, behind = self._shared(book, document, problems, (*above, book.source))
        plan, whole = self.read(found, (*above, book.source))
        if plan.projects:
            summary = f"`{found.source}` names projects, and cannot be extended"
            problems.add("bad-extends", summary, (EXTENDS,), hint=behind)
            raise problems.error()
        both = merged(whole, document)
        own = self._plan(book, both)
        looser = shared.loosened(plan, own, self.known.load)
        if looser:
            raise ConfigError(*looser)
        listed = (found.extended, *plan.policy.extends)
        return replace(own, policy=replace(own.policy, extends=listed)), both

    def _plan(self, book: Book, document: Document) -> Plan:
        """The plan of a document."""
        problems = Problems(document)
        draft = Drafting(problems, self.known.is_known).draft(document.value)
        if draft is None:
            raise problems.error()
        if self.is_guarded:
            reserved.refuse(draft.gates, problems)
        policy = Policy(source=book.source, sha256=sha256(book.data).hexdigest())
        plan = Resolution(draft, self.known, problems).plan(project=self.project, policy=policy)
        if problems:
            raise problems.error()
        return plan

    def _shared(
        self, book: Book, document: Document, problems: Problems, above: tuple[str, ...]
    ) -> tuple[Book, str]:
        """The policy that a file extends."""
        named = shared.reference(document.value[EXTENDS], problems)
        if named is None:
            raise problems.error()
        try:
            found = book.shelf.find(named)
        except ConfigError as error:
            for each in error.problems:
                problems.add(each.slug, each.summary, (EXTENDS,), hint=each.hint)
            raise problems.error() from error
        chain = " extends ".join(f"`{name}`" for name in (*above, found.source))
        if found.source in above:
            problems.add("extends-cycle", f"{chain}, which goes round", (EXTENDS,))
        elif len(above) > extends.DEPTH:
            summary = f"more than {extends.DEPTH} policies stand behind each other: {chain}"
            problems.add("extends-depth", summary, (EXTENDS,), hint="join some of them")
        else:
            return found, "extend a file of gates alone"
        raise problems.error()
