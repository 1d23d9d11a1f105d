"""A gate's conditions: its stage's defaults, less what is dropped or replaced, and its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gates.config.draft import GateDraft
from gates.config.problems import Problems, suggest
from gates.domain.condition import (
    Condition,
    ConditionError,
    Role,
    Written,
    bind,
    parse,
    parse_limit,
    subject,
)
from gates.domain.metric import MetricSpec
from gates.formats.strict_yaml import Path
from gates.plugin import Default


@dataclass(frozen=True, slots=True)
class Targets:
    """The project's own numbers.

    Attributes:
        limits: those that can be read, by name.
        names: all that are there, also those that cannot be read.
        is_whole: whether all names are known.
    """

    limits: Mapping[str, Written]
    names: frozenset[str]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a gate demands.

    Attributes:
        conditions: bound, defaults first.
        dropped: texts of the defaults that were dropped.
    """

    conditions: tuple[Condition, ...]
    dropped: tuple[str, ...]


@dataclass(slots=True)
class Resolving:
    """Resolves the conditions of one gate.

    Attributes:
        gate: the gate as written.
        specs: the metrics that its stage declares under its options.
        targets: the project's own numbers.
        problems: takes what is wrong.
    """

    gate: GateDraft
    specs: tuple[MetricSpec, ...]
    targets: Targets
    problems: Problems
    _first: dict[str, int] = field(default_factory=dict)

    def resolve(self, declared: Iterable[Default]) -> Resolved:
        """Put together what is declared, dropped and written."""
        before = len(self.problems)
        level = self.gate.level
        standing = self._defaults(
            default for default in declared if default.from_level <= level <= default.to_level
        )
        dropped = self._dropped(standing)
        kept = [default for default in standing if default not in dropped]
        required = self._written("require", Role.REQUIRE)
        warned = self._written("warn", Role.WARN)
        required = _replacing(required, kept)
        replaced = {each.subject for each in required}
        kept = [default for default in kept if default.subject not in replaced]
        warned = _replacing(warned, [each for each in kept if each.role is Role.WARN])
        told = {each.subject for each in warned}
        kept = [each for each in kept if each.role is Role.REQUIRE or each.subject not in told]
        conditions = (*kept, *required, *warned)
        is_sound = len(self.problems) == before and not self.gate.damaged
        if is_sound and not any(each.role is Role.REQUIRE for each in conditions):
            self._refuse_nothing()
        return Resolved(conditions, tuple(default.text for default in dropped))

    def check(self) -> None:
        """Check what is written, where nobody knows what is declared."""
        self._written("require", Role.REQUIRE)
        self._written("warn", Role.WARN)

    def _defaults(self, declared: Iterable[Default]) -> list[Condition]:
        bound = []
        for default in declared:
            try:
                written = parse(default.text)
                bound.append(bind(written, self._declared(written), {}, role=default.role))
            except ConditionError as error:
                # The options made it: a default may hold a path or a limit that they name.
                path = (*self.gate.path, "with") if self.gate.body.options else self.gate.path
                self.problems.add(
                    "bad-default",
                    f"the default condition `{default.text}` cannot be used: {error}",
                    path,
                    key=True,
                    hint="check the stage's options",
                )
        return bound

    def _declared(self, written: Written) -> MetricSpec:
        spec = self._spec(written.metric)
        if spec is None:
            summary = f"stage `{self.gate.uses}` measures no `{written.metric}`"
            raise ConditionError("unknown-metric", summary)
        return spec

    def _dropped(self, standing: Sequence[Condition]) -> list[Condition]:
        dropped: list[Condition] = []
        for text, path in self.gate.texts("drop"):
            wanted = self._subject(text, path)
            if wanted is None:
                continue
            hits = [default for default in standing if default.subject == wanted]
            if not hits:
                known = ", ".join(f"`{default.text}`" for default in standing) or "none"
                hint = f"the defaults at Level {self.gate.level}: {known}"
                self.problems.add(
                    "nothing-dropped", f"no default condition is on `{text}`", path, hint=hint
                )
            elif hits[0] in dropped:
                self.problems.add("same-drop", f"`{text}` is dropped twice", path)
            else:
                dropped += hits
        return dropped

    def _subject(self, text: str, path: Path) -> str | None:
        """The metric and tags that `drop` names, spelled as conditions spell them."""
        try:
            written = parse(f"{text} == 0")
        except ConditionError:
            hint = 'write only the metric, as in `line` or `line{path="src/a.py"}`'
            self.problems.add("bad-drop", f"`{text}` is not a metric", path, hint=hint)
            return None
        return subject(written.metric, written.tags)

    def _written(self, key: str, role: Role) -> list[Condition]:
        bound: list[Condition] = []
        for text, path in self.gate.texts(key):
            condition = self._bound(text, path, role)
            if condition is None:
                continue
            limit = condition.baseline or condition.limit.normalize()
            same = f"{role} {condition.subject} {condition.operator} {limit}"
            line = self._first.setdefault(same, self.problems.line(path))
            if any(_is_same(condition, other) for other in bound):
                summary = f"`{condition.text}` is written twice, the first time on line {line}"
                self.problems.add("same-condition", summary, path, hint="delete one of them")
            else:
                bound.append(condition)
        return bound

    def _bound(self, text: str, path: Path, role: Role) -> Condition | None:
        try:
            written = parse(text)
            spec = self._spec(written.metric)
            if spec is None:
                self._refuse_metric(written.metric, path)
                return None
            if written.target and written.target not in self.targets.limits:
                self._refuse_target(written.target, path)
                return None
            origin = self.problems.place(path)
            return bind(written, spec, self.targets.limits, role=role, origin=origin)
        except ConditionError as error:
            self.problems.add(error.slug, str(error), path, hint=error.hint)
            return None

    def _spec(self, metric: str) -> MetricSpec | None:
        return next((spec for spec in self.specs if spec.name == metric), None)

    def _refuse_metric(self, metric: str, path: Path) -> None:
        summary = f"stage `{self.gate.uses}` measures no `{metric}`"
        hint = suggest(metric, (spec.name for spec in self.specs), plural="its metrics")
        self.problems.add("unknown-metric", summary, path, hint=hint)

    def _refuse_target(self, name: str, path: Path) -> None:
        if name in self.targets.names or not self.targets.is_whole:
            return
        hint = suggest(name, sorted(self.targets.names), plural="targets")
        hint = hint if self.targets.names else f"add `targets: {{{name}: 50ms}}` with its limit"
        self.problems.add("unknown-target", f"no target is named `{name}`", path, hint=hint)

    def _refuse_nothing(self) -> None:
        metrics = ", ".join(spec.name for spec in self.specs)
        self.problems.add(
            "nothing-required",
            f"gate `{self.gate.name}` requires nothing, so it could never fail",
            self.gate.path,
            key=True,
            hint=f"add a condition under `require:`; its metrics: {metrics}",
        )


def read_targets(
    given: Mapping[str, object], problems: Problems, *, is_whole: bool = True
) -> Targets:
    """Read `targets:`, each a number with its unit."""
    limits = {}
    for name, value in given.items():
        text = value if isinstance(value, str) else f"{value}"
        try:
            limits[name] = parse_limit(text)
        except ConditionError as error:
            summary = f"target `{name}` is `{text[:80]}`, which is no number with a unit"
            problems.add("bad-target", summary, ("targets", name), hint=error.hint)
    return Targets(limits, frozenset(given), is_whole)


def _replacing(written: Sequence[Condition], defaults: Sequence[Condition]) -> list[Condition]:
    """The conditions; the first on a default's metric and tags says which default it replaces."""
    told: set[str] = set()
    done = []
    for condition in written:
        texts = [each.text for each in defaults if each.subject == condition.subject]
        if texts and condition.subject not in told:
            told.add(condition.subject)
            condition = replace(condition, replaces=", ".join(texts))  # noqa: PLW2901
        done.append(condition)
    return done


def _is_same(left: Condition, right: Condition) -> bool:
    mine, theirs = (
        (each.subject, each.operator, each.known_limit, each.baseline) for each in (left, right)
    )
    return mine == theirs
