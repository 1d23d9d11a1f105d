"""Which gates run before which: `needs`, and what a stage wants of another gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gates.config.draft import GateDraft
from gates.config.problems import Problems, suggest
from gates.domain.plan import GatePlan
from gates.domain.service import SCRAPE
from gates.formats.strict_yaml import Path
from gates.plugin import Wants


@dataclass(frozen=True, slots=True)
class Ordering:
    """Orders the gates of a file.

    Attributes:
        drafts: all gates that can be read.
        unread: names of those that cannot.
        is_stage: whether a stage has a name; one that none has may stand for any.
        problems: takes what is wrong.
    """

    drafts: Sequence[GateDraft]
    unread: frozenset[str]
    is_stage: Callable[[str], bool]
    problems: Problems

    def ordered(
        self, plans: Sequence[GatePlan], wants: Mapping[str, Wants]
    ) -> tuple[GatePlan, ...]:
        """The plans with `needs` and `asks` filled in; what cannot be is told."""
        drafts = {draft.name: draft for draft in self.drafts}
        needs = {draft.name: self._needs(draft) for draft in self.drafts}
        done = []
        for plan in plans:
            draft = drafts[plan.name]
            want = wants.get(plan.name)
            names = self._all_wanted(draft, want, plan.options) if want else ()
            if want and names:
                known = needs[plan.name]
                known += [name for name in names if name not in known]
                plan = _asking(plan, names, want)  # noqa: PLW2901
            done.append(replace(plan, needs=tuple(needs[plan.name])))
        self._refuse_cycle(needs, drafts)
        return tuple(done)

    def _needs(self, draft: GateDraft) -> list[str]:
        names: list[str] = []
        for name, path in draft.texts("needs"):
            if name in names:
                self.problems.add("same-need", f"`{name}` is needed twice", path)
            elif self._found(draft, name, path) is not None:
                names.append(name)
        return names

    def _found(self, draft: GateDraft, name: str, path: Path) -> GateDraft | None:
        """The gate of this name, where the draft may need it; else the reason is told."""
        other = next((each for each in self.drafts if each.name == name), None)
        if other is None:
            if name not in self.unread:
                known = [each.name for each in self.drafts if each is not draft]
                hint = suggest(name, known, plural="gates")
                self.problems.add("unknown-gate", f"no gate is named `{name}`", path, hint=hint)
            return None
        if other.level > draft.level:
            summary = (
                f"gate `{draft.name}` of Level {draft.level} cannot need `{name}`,"
                f" which is of Level {other.level}"
            )
            self.problems.add("need-above", summary, path, hint="move one of them")
            return None
        return other

    def _all_wanted(
        self, draft: GateDraft, want: Wants, options: Mapping[str, object]
    ) -> tuple[str, ...]:
        """The gates that a stage takes its data from: one, or all that its option lists."""
        given = options.get(want.option)
        listed = (
            [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
        )
        if len(set(listed)) < len(listed):
            summary = f"`{want.option}` names a gate twice"
            self.problems.add("same-need", summary, (*draft.path, "with", want.option))
        asked: list[object] = [*listed] or [given]
        found = [self._wanted(draft, want, {want.option: name}) for name in asked]
        return tuple(dict.fromkeys(name for name in found if name))

    def _wanted(self, draft: GateDraft, want: Wants, options: Mapping[str, object]) -> str | None:
        stages = " or ".join(f"`{uses}`" for uses in want.uses)
        given = options.get(want.option)
        if isinstance(given, str) and given:
            path: Path = (*draft.path, "with", want.option)
            other = self._found(draft, given, path)
            if other is not None and want.uses and other.uses and other.uses not in want.uses:
                summary = f"gate `{given}` uses `{other.uses}`, not {stages}"
                self.problems.add("wrong-gate", summary, path)
            if other is not None and want.ask.startswith(SCRAPE) and not other.body.service:
                summary = f"gate `{given}` names no service, so it has no page to be read"
                self.problems.add("wrong-gate", summary, path, hint="name a gate with a `service:`")
            return other.name if other else None
        if not want.uses:
            summary = f"gate `{draft.name}` does not say which gate it is about"
            hint = f"name it: `with: {{{want.option}: GATE}}`"
            self.problems.add("missing-key", summary, draft.path, key=True, hint=hint)
            return None
        able = [
            each
            for each in self.drafts
            if each.uses in want.uses and each.level <= draft.level and each is not draft
        ]
        if len(able) == 1:
            return able[0].name
        self._refuse_choice(draft, want, able)
        return None

    def _refuse_choice(self, draft: GateDraft, want: Wants, able: Sequence[GateDraft]) -> None:
        stages = " or ".join(f"`{uses}`" for uses in want.uses)
        if able:
            names = ", ".join(f"`{each.name}`" for each in able)
            summary = f"gate `{draft.name}` could take its data from {names}"
            hint = f"name one: `with: {{{want.option}: {able[0].name}}}`"
            self.problems.add("several-gates", summary, draft.path, key=True, hint=hint)
        elif not self.unread and all(self.is_stage(each.uses) for each in self.drafts):
            summary = f"gate `{draft.name}` needs a gate that uses {stages}, and there is none"
            hint = f"add `{want.uses[0]}` at Level {draft.level} or below"
            self.problems.add("no-gate", summary, draft.path, key=True, hint=hint)

    def _refuse_cycle(
        self, needs: Mapping[str, Sequence[str]], drafts: Mapping[str, GateDraft]
    ) -> None:
        from graphlib import CycleError, TopologicalSorter

        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            # graphlib names each gate before the one that needs it, and the first again at the end.
            circle: list[str] = list(reversed(error.args[1]))
            shown = " needs ".join(f"`{name}`" for name in circle)
            path = drafts[circle[0]].path
            written = [place for name, place in drafts[circle[0]].texts("needs") if name in circle]
            place, is_key = (written[0], False) if written else (path, True)
            summary = f"{shown}: none of them could start"
            self.problems.add("needs-cycle", summary, place, key=is_key, hint="take one need away")


def _asking(plan: GatePlan, names: tuple[str, ...], want: Wants) -> GatePlan:
    """The plan with what it asks; the option names the gates, so that its stage need not guess."""
    named: object = list(names) if want.several else names[0]
    options = {**plan.options, want.option: named} if want.option else plan.options
    return replace(plan, options=options, asks=tuple((name, (want.ask,)) for name in names))
