"""Two policies compared: what the later one tightens, loosens, removes or skips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gates.domain.plan import Exemption, GatePlan, Plan
from gates.domain.policy_change import Kind, PolicyChange, PolicyFile, PolicySide
from gates.domain.policy_conditions import compare_conditions
from gates.domain.policy_gates import compare_gate, gate_text, is_renamed
from gates.domain.policy_options import KINDS, Bearing, OptionRules, Stricter, bearing, shown
from gates.domain.policy_services import compare_services
from gates.domain.policy_waivers import compare_waivers

ORDER = (Kind.LOOSENED, Kind.REMOVED, Kind.SKIPPED, Kind.CHANGED, Kind.TIGHTENED, Kind.ADDED)
"""The kinds in the order in which they are told."""


def compare(before: PolicySide, after: PolicySide, rules: OptionRules) -> tuple[PolicyChange, ...]:
    """What became of each thing that a policy says; nothing where both ask the same.

    Args:
        before: the earlier policy.
        after: the later one.
        rules: what is known of the options of stages; any other option is in doubt.
    """
    changes = (
        *_head(before.plan, after.plan),
        *_exemptions(before.plan, after.plan),
        *_gates(before.plan, after.plan, rules),
        *_judging(before.plan.judging, after.plan.judging),
        *compare_services(before.plan, after.plan),
        *compare_waivers(before.waivers, after.waivers),
        *_files(before.files, after.files),
    )
    return tuple(sorted(changes, key=lambda change: ORDER.index(change.kind)))


_HEAD = {
    "include": ("`sources`", Stricter.WIDER),
    "exclude": ("what `sources` excludes", Stricter.FEWER),
    "allow_hosts": ("`allow_hosts`", Stricter.FEWER),
    "environment": ("`environment`", Stricter.UNKNOWN),
    "project": ("the project's name", Stricter.NEITHER),
}
"""What gates.yaml says beside its gates: its words, and which values ask for more."""


def _head(before: Plan, after: Plan) -> Iterator[PolicyChange]:
    for name, (what, stricter) in _HEAD.items():
        old: object = getattr(before, name)
        new: object = getattr(after, name)
        how = bearing(old, new, stricter)
        if how is not Bearing.SAME:
            yield PolicyChange(
                kind=KINDS[how],
                what=what,
                before=shown(old),
                after=shown(new),
                place=after.policy.source,
                is_doubtful=how is Bearing.DOUBTFUL,
            )
    names = {level.number: level.name for level in before.levels}
    for level in after.levels:
        if names.get(level.number, level.name) != level.name:
            yield PolicyChange(
                kind=Kind.CHANGED,
                what=f"the name of Level {level.number}",
                before=names[level.number],
                after=level.name,
                place=after.policy.source,
            )
    yield from _entries(before, after)


def _entries(before: Plan, after: Plan) -> Iterator[PolicyChange]:
    """The entries of `projects:`."""
    old = {entry.pattern: entry.place for entry in before.projects}
    new = {entry.pattern: entry.place for entry in after.projects}
    for pattern in old:
        if pattern not in new:
            yield PolicyChange(
                kind=Kind.REMOVED, what="entry of `projects`", before=pattern, place=_at(after)
            )
    for pattern, place in new.items():
        if pattern not in old:
            yield PolicyChange(
                kind=Kind.ADDED, what="entry of `projects`", after=pattern, place=place
            )


def _at(plan: Plan) -> str:
    return plan.policy.source


def _exemptions(before: Plan, after: Plan) -> Iterator[PolicyChange]:
    old = {each.criterion: each for each in before.not_applicable}
    new = {each.criterion: each for each in after.not_applicable}
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        kind = Kind.CHANGED
        if was is None or now is None:
            kind = Kind.LOOSENED if was is None else Kind.TIGHTENED
        yield PolicyChange(
            kind=kind,
            what=f"`{name}` under `not_applicable`",
            before=_said(was),
            after=_said(now),
            place=_at(after),
        )


def _said(exemption: Exemption | None) -> str:
    return f"{exemption.reason} ({exemption.owner})" if exemption else ""


def _gates(before: Plan, after: Plan, rules: OptionRules) -> Iterator[PolicyChange]:
    old = {gate.name: gate for gate in before.gates}
    new = {gate.name: gate for gate in after.gates}
    added = {name: gate for name, gate in new.items() if name not in old}
    for name, gate in old.items():
        if name in new:
            yield from compare_gate(gate, new[name], rules.get(gate.uses, {}))
            continue
        twin = next((each for each in added.values() if is_renamed(gate, each)), None)
        if twin is None:
            yield PolicyChange(
                kind=Kind.REMOVED,
                what=f"gate `{name}`",
                before=gate_text(gate),
                place=_at(after),
            )
        else:
            del added[twin.name]
            yield PolicyChange(
                kind=Kind.CHANGED,
                what=f"the name of gate `{name}`",
                before=name,
                after=twin.name,
                place=twin.place,
            )
    for gate in added.values():
        yield PolicyChange(
            kind=Kind.ADDED, what=f"gate `{gate.name}`", after=gate_text(gate), place=gate.place
        )


def _judging(before: GatePlan | None, after: GatePlan | None) -> Iterator[PolicyChange]:
    """What gates.yaml asks of the gate on the policy, besides what its stage does."""
    found = after or before
    if found is None:
        return
    nothing = replace(found, conditions=(), dropped=())
    old, new = (_written(each or nothing) for each in (before, after))
    yield from compare_conditions(old, new)
    if set(old.dropped) != set(new.dropped):
        yield PolicyChange(
            kind=Kind.CHANGED,
            what=f"`drop` of gate `{found.name}`",
            before=", ".join(old.dropped),
            after=", ".join(new.dropped),
            place=new.place,
        )


def _written(gate: GatePlan) -> GatePlan:
    """The gate without the conditions that its stage brings."""
    own = tuple(each for each in gate.conditions if each.origin != "default")
    return replace(gate, conditions=own)


def _files(
    before: Mapping[str, PolicyFile], after: Mapping[str, PolicyFile]
) -> Iterator[PolicyChange]:
    """Further files of the policy: what is in them, nobody can order."""
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new or (old and new and old.sha256 == new.sha256):
            continue
        is_counted = old is not None and old.is_counted
        kind = Kind.LOOSENED if is_counted else Kind.CHANGED
        yield PolicyChange(
            kind=Kind.ADDED if old is None else kind,
            what=f"the file `{path}`",
            before=_digest(old),
            after=_digest(new),
            place=path,
            is_doubtful=is_counted,
        )


def _digest(file: PolicyFile | None) -> str:
    return f"sha256 {file.sha256[:12]}" if file else ""
