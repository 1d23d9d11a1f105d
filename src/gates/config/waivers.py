"""The file of waivers -> waivers of a plan's gates, or every problem of the file at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from gates.config import wire
from gates.config.problems import Problems, suggest
from gates.config.refusals import Validated, found_kind
from gates.config.validate import validated
from gates.config.wire_waivers import FINGERPRINT, MAX_DAYS, WaiverEntry, WaiversFile, WaiversHead
from gates.domain.condition import ConditionError, Role, parse, subject
from gates.domain.plan import GatePlan, Plan
from gates.domain.policy_change import GATE
from gates.domain.waiver import WAIVERS, Waiver
from gates.formats import strict_yaml
from gates.formats.strict_yaml import Path

VERSION = 1
"""The one version of the file's form."""

NEEDED = ("gate", "reason", "owner", "created", "expires")
"""Keys that each entry has; beside them it has either `finding` or `condition`."""


def load(data: bytes, plan: Plan) -> tuple[Waiver, ...]:
    """Read a file of waivers.

    Args:
        data: its bytes.
        plan: the gates that it may speak of, and their conditions.

    Raises:
        ConfigError: with all problems of the file, in the order of their places.
    """
    document = strict_yaml.read(data, name=WAIVERS)
    problems = Problems(document)
    if not document.is_whole:
        raise problems.error()
    reading = _Reading(plan, problems)
    waivers = tuple(reading.waivers(document.value))
    if problems:
        raise problems.error()
    return waivers


@dataclass(slots=True)
class _Reading:
    """Reads one file."""

    plan: Plan
    problems: Problems
    _first: dict[tuple[str, ...], Path] = field(default_factory=dict)

    def waivers(self, value: dict[str | int, object]) -> Iterator[Waiver]:
        if not self._head(value):
            return
        entries = value.get("waivers", [])
        if not isinstance(entries, list):
            summary = f"`waivers` should be a list, not {found_kind(entries)}"
            hint = "begin each waiver with `- gate:`, or write `[]`"
            self.problems.add("bad-value", summary, ("waivers",), hint=hint)
            return
        for at, entry in enumerate(entries):
            waiver = self._waiver(entry, ("waivers", at))
            if waiver is not None:
                yield waiver

    def _head(self, value: dict[str | int, object]) -> bool:
        """Whether the file may be read on: not where it says that it is of another version."""
        for key, hint in (("version", "begin with `version: 1`"), ("waivers", "write `waivers:`")):
            if key not in value:
                summary = f"the file has no `{key}`"
                self.problems.add("missing-key", summary, (), key=True, hint=hint)
        version = value.get("version", VERSION)
        hint = f"write `version: {VERSION}`"
        if not isinstance(version, int) or isinstance(version, bool):
            summary = f"`version` should be the number {VERSION}"
            self.problems.add("bad-value", summary, ("version",), hint=hint)
        elif version != VERSION:
            summary = f"this `gates` reads version {VERSION} of the file, not {version}"
            self.problems.add("bad-version", summary, ("version",), hint=hint)
            return False
        given = {key: each for key, each in value.items() if key != "waivers"}
        given["version"] = VERSION
        seen = Validated((), given, wire.keys_of(WaiversFile), {})
        validated(WaiversHead, seen, self.problems)
        return True

    def _waiver(self, entry: object, path: Path) -> Waiver | None:
        """One waiver; None where anything is wrong with it."""
        if not isinstance(entry, dict):
            summary = f"a waiver should be a mapping, not {found_kind(entry)}"
            hint = f"write its keys: {', '.join(wire.keys_of(WaiverEntry))}"
            self.problems.add("bad-value", summary, path, hint=hint)
            return None
        before = len(self.problems)
        self._refuse_absent(entry, path)
        seen = Validated(path, entry, wire.keys_of(WaiverEntry), {})
        body, _ = validated(WaiverEntry, seen, self.problems)
        if body is None:
            return None
        waiver = Waiver(
            gate=body.gate,
            finding=body.finding,
            condition=self._condition(body, path),
            scope=body.scope,
            reason=body.reason,
            owner=body.owner,
            created=_day(body.created),
            expires=_day(body.expires),
            place=self.problems.place(path),
        )
        if body.created and body.expires:
            self._refuse_days(waiver, path)
        if len(self.problems) > before:
            return None
        self._refuse_same(waiver, path)
        return waiver

    def _refuse_absent(self, entry: dict[str | int, object], path: Path) -> None:
        for key in NEEDED:
            if key not in entry:
                summary = f"this waiver has no `{key}`"
                self.problems.add("missing-key", summary, path, hint=_HINTS[key])
        if ("finding" in entry) == ("condition" in entry):
            summary = "this waiver has neither `finding` nor `condition`"
            if "finding" in entry:
                summary = "this waiver has both `finding` and `condition`"
            hint = "name one of them; two exceptions are two waivers"
            self.problems.add("bad-waiver", summary, path, hint=hint)
        elif "condition" in entry and "scope" in entry:
            hint = 'leave it out; tags name the part of a metric, as in `p95{endpoint="/x"}`'
            summary = "a condition has no `scope`"
            self.problems.add("bad-waiver", summary, (*path, "scope"), key=True, hint=hint)
        elif "finding" in entry and "scope" not in entry:
            self._refuse_boundless(entry["finding"], path)

    def _refuse_boundless(self, finding: object, path: Path) -> None:
        """Refuse a rule without a scope: it would cover what nobody has seen yet."""
        import re

        if isinstance(finding, str) and re.fullmatch(FINGERPRINT, finding) is None:
            summary = f"the waiver of `{finding[:80]}` has no `scope`"
            hint = (
                "name the package, file or folder that it is for, as in `scope: jinja2`;"
                " only a fingerprint needs none"
            )
            self.problems.add("missing-key", summary, path, hint=hint)

    def _gate(self, name: str, path: Path) -> GatePlan | None:
        found = next((gate for gate in self.plan.gates if gate.name == name), None)
        # The gate that judges a change of the policy is in no gates.yaml; its waivers lie here.
        if found is None and name not in {"", GATE}:
            hint = suggest(name, (gate.name for gate in self.plan.gates), plural="the gates")
            summary = f"gates.yaml has no gate `{name}`"
            self.problems.add("unknown-gate", summary, (*path, "gate"), hint=hint)
        return found

    def _condition(self, body: WaiverEntry, path: Path) -> str:
        """The metric and tags of a condition, spelled as conditions spell them."""
        gate = self._gate(body.gate, path)
        if not body.condition:
            return ""
        at = (*path, "condition")
        try:
            written = parse(f"{body.condition} == 0")
        except ConditionError:
            hint = 'write only the metric, as in `line` or `p95{endpoint="GET /x"}`'
            summary = f"`{body.condition}` is not a metric"
            self.problems.add("bad-condition", summary, at, hint=hint)
            return ""
        wanted = subject(written.metric, written.tags)
        if gate is not None:
            known = [each.subject for each in gate.conditions if each.role is Role.REQUIRE]
            if wanted not in known:
                summary = f"gate `{gate.name}` requires nothing of `{wanted}`"
                hint = suggest(wanted, dict.fromkeys(known), plural="its conditions are on")
                self.problems.add("unknown-condition", summary, at, hint=hint)
        return wanted

    def _refuse_days(self, waiver: Waiver, path: Path) -> None:
        days = (waiver.expires - waiver.created).days
        at = (*path, "expires")
        if days < 0:
            summary = f"it expires on {waiver.expires}, before its first day, {waiver.created}"
            self.problems.add("bad-expiry", summary, at, hint="let it end after it begins")
        elif days > MAX_DAYS:
            summary = f"it expires {days} days after its first day, at most {MAX_DAYS} are allowed"
            hint = "choose an earlier day; a waiver can be renewed"
            self.problems.add("bad-expiry", summary, at, hint=hint)

    def _refuse_same(self, waiver: Waiver, path: Path) -> None:
        same = (waiver.gate, waiver.finding, waiver.condition, waiver.scope)
        first = self._first.setdefault(same, path)
        if first != path:
            summary = f"{waiver.what} is waived twice, the first time on line"
            line = self.problems.line(first)
            hint = "keep one; to renew a waiver, change its days"
            self.problems.add("same-waiver", f"{summary} {line}", path, hint=hint)


_HINTS = {
    "gate": "name the gate that it applies to",
    "reason": "say why the exception is made",
    "owner": "name the person who answers for it",
    "created": "write the first day on which it holds, as in `2026-01-31`",
    "expires": f"write the last day on which it holds, at most {MAX_DAYS} after the first",
}


def _day(text: str) -> date:
    """A day that was checked; where it was refused, any."""
    return date.fromisoformat(text) if text else date.min
