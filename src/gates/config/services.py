"""`services:` read and resolved: each service by itself, so that one hides nothing of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from gates.config import wire, wire_services
from gates.config.problems import Problems, suggest
from gates.config.readymade import readymade
from gates.config.refusals import Validated, found_kind
from gates.config.service_parts import Parts, host_of, is_loopback, seconds
from gates.config.validate import validated
from gates.domain.service import (
    ADDRESS,
    GRACE_S,
    PLACES,
    ReadyBy,
    ServicePlan,
    placeholders,
    reach,
)
from gates.formats.strict_yaml import Path

STARTED = ("run", "uses", "setup", "env", "cwd", "needs", "shared", "grace")
"""Keys that only speak of a service that is started here."""


@dataclass(frozen=True, slots=True)
class Services:
    """The services of a file.

    Attributes:
        plans: those that can be used.
        names: all names, also of those that cannot.
    """

    plans: tuple[ServicePlan, ...]
    names: frozenset[str]

    def find(self, name: str) -> ServicePlan | None:
        """A service that can be used, or None."""
        return next((each for each in self.plans if each.name == name), None)

    def unknown(self, text: str, of: str) -> Iterator[tuple[str, str]]:
        """Each placeholder of a text that names nothing, as written, and what may stand there.

        Args:
            text: with placeholders.
            of: the service whose own ones are `{port}` and the like; it may use those that it
                needs, also by way of another.
        """
        known = {each.name: each for each in reach(of, self.plans)}
        for name, place in placeholders(text):
            shown = f"{{{name}.{place}}}" if name else f"{{{place}}}"
            owner = known.get(name or of)
            if place not in PLACES:
                yield shown, f"known are {_listed(PLACES)}; `{{{shown}}}` is `{shown}` itself"
            elif owner is None and name in self.names:
                yield shown, f"let `{of}` need `{name}`: `needs: [{name}]`"
            elif owner is None and name:
                yield shown, suggest(name, sorted(self.names), plural="services")
            elif owner is not None and place == "dir" and not owner.is_local:
                yield shown, "a service that runs elsewhere has no folder here"


def _listed(places: Sequence[str]) -> str:
    return ", ".join(f"`{{{place}}}`" for place in places)


@dataclass(slots=True)
class Serving:
    """Reads the services of one file.

    Attributes:
        problems: takes what is wrong.
        allowed: hosts besides loopback, as the file names them.
    """

    problems: Problems
    allowed: Sequence[str]
    _forms: dict[str, tuple[wire_services.Service, frozenset[str], Path]] = field(
        default_factory=dict
    )

    def read(self, given: object) -> Services:
        """Read what stands under `services:`."""
        self._check_hosts()
        if not isinstance(given, dict):
            summary = f"`services` should be a mapping, not {found_kind(given)}"
            hint = "write `services: {api: {run: ...}}`"
            self.problems.add("bad-value", summary, ("services",), hint=hint)
            return Services((), frozenset())
        plans = [self._one(str(name), item, ("services", name)) for name, item in given.items()]
        services = Services(
            tuple(plan for plan in plans if plan is not None), frozenset(map(str, given))
        )
        self._check_needs(services)
        for plan in services.plans:
            self._check_placeholders(plan, services)
        return services

    def _check_hosts(self) -> None:
        for at, host in enumerate(self.allowed):
            if host_of(f"http://{host}") != host.lower():
                summary = f"`{host}` is not the plain name of a host"
                hint = "write it without scheme, port and path: `staging.example`"
                self.problems.add("bad-host", summary, ("allow_hosts", at), hint=hint)

    def _one(self, name: str, item: object, path: Path) -> ServicePlan | None:
        if not wire_services.is_service_name(name):
            hint = "write small letters, digits, `-` and `_`, a letter first, at most 64"
            summary = f"`{name[:80]}` is not a service's name"
            self.problems.add("bad-service-name", summary, path, key=True, hint=hint)
            return None
        if not isinstance(item, dict):
            summary = f"service `{name}` should be a mapping, not {found_kind(item)}"
            hint = "write `{run: COMMAND}`, or `{url: ADDRESS}` for one that runs elsewhere"
            self.problems.add("bad-value", summary, path, key=item is None, hint=hint)
            return None
        known = wire.keys_of(wire_services.Service)
        below = {"ready": wire.keys_of(wire_services.ReadyForm)}
        form, damaged = validated(
            wire_services.Service, Validated(path, item, known, below), self.problems
        )
        if form is None:
            return None
        self._forms[name] = (form, damaged, path)
        before = len(self.problems)
        plan = self._elsewhere(name) if "url" in item else self._here(name)
        return plan if len(self.problems) == before and not damaged else None

    def _elsewhere(self, name: str) -> ServicePlan:
        form, damaged, path = self._forms[name]
        for key in STARTED:
            if key in form.model_fields_set:
                summary = f"service `{name}` has a `url`, so it is never started, and a `{key}`"
                hint = f"leave out `url`, or `{key}`"
                self.problems.add("not-started", summary, (*path, key), key=True, hint=hint)
        host = host_of(form.url)
        if host is None:
            summary = f"`{form.url[:80]}` is no address of a service"
            hint = "write `http://HOST:PORT` or `https://HOST`, without path and password"
            self.problems.add("bad-url", summary, (*path, "url"), hint=hint)
        elif not is_loopback(host) and host not in {each.lower() for each in self.allowed}:
            summary = f"service `{name}` is on `{host}`, which is not this machine"
            hint = f"if it may be loaded, allow it: `allow_hosts: [{host}]`"
            self.problems.add("host-not-allowed", summary, (*path, "url"), hint=hint)
        parts = Parts(self.problems, path)
        ready = parts.ready(form.ready, form.model_fields_set - damaged)
        if ready.by in {ReadyBy.LOG, ReadyBy.COMMAND}:
            summary = f"service `{name}` runs elsewhere, so it can be asked only by HTTP or TCP"
            self.problems.add("bad-ready", summary, (*path, "ready"), hint="write `ready: tcp`")
        return ServicePlan(
            name=name,
            url=form.url.rstrip("/"),
            ready=ready,
            expected_traffic=_rate(form.expected_traffic),
            place=self.problems.place(path, key=True),
        )

    def _here(self, name: str) -> ServicePlan:
        form, damaged, path = self._forms[name]
        parts = Parts(self.problems, path)
        made = readymade(form.uses, name) if form.uses else None
        if made is not None and "run" in form.model_fields_set:
            summary = f"service `{name}` has both `run` and `uses`"
            self.problems.add("two-commands", summary, (*path, "run"), key=True)
        elif made is None and not {"run", "uses"} & (form.model_fields_set | damaged):
            summary = f"service `{name}` has neither `run` nor `url`"
            hint = "write the command that serves, or the address of one that runs elsewhere"
            self.problems.add("missing-key", summary, path, key=True, hint=hint)
        run = parts.words(form.run, "run") if "run" in form.model_fields_set else ()
        ready = parts.ready(form.ready, form.model_fields_set - damaged)
        if made is not None and "ready" not in form.model_fields_set:
            ready = made.ready
        return ServicePlan(
            name=name,
            run=made.run if made is not None else run,
            setup=tuple(parts.words(each, "setup", at) for at, each in enumerate(form.setup)),
            ready=ready,
            env=tuple(form.env.items()),
            cwd=parts.folder(form.cwd),
            needs=(form.needs,) if isinstance(form.needs, str) else tuple(form.needs),
            shared=form.shared,
            expected_traffic=_rate(form.expected_traffic),
            grace_s=seconds(form.grace) if form.grace else GRACE_S,
            address=made.address if made is not None else ADDRESS,
            place=self.problems.place(path, key=True),
        )

    def _check_needs(self, services: Services) -> None:
        needs: dict[str, list[str]] = {}
        for plan in services.plans:
            path: Path = (*self._forms[plan.name][2], "needs")
            given = self._forms[plan.name][0].needs
            for at, name in enumerate(plan.needs):
                place = path if isinstance(given, str) else (*path, at)
                if name not in services.names:
                    hint = suggest(name, sorted(services.names - {plan.name}), plural="services")
                    summary = f"no service is named `{name}`"
                    self.problems.add("unknown-service", summary, place, hint=hint)
                elif name in plan.needs[:at]:
                    self.problems.add("same-need", f"`{name}` is needed twice", place)
                else:
                    needs.setdefault(plan.name, []).append(name)
        self._refuse_cycle(needs)

    def _refuse_cycle(self, needs: Mapping[str, Sequence[str]]) -> None:
        from graphlib import CycleError, TopologicalSorter

        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            # graphlib names each one before the one that needs it, and the first again at the end.
            circle: list[str] = list(reversed(error.args[1]))
            shown = " needs ".join(f"`{name}`" for name in circle)
            summary = f"{shown}: none of them could start"
            place = (*self._forms[circle[0]][2], "needs")
            self.problems.add("needs-cycle", summary, place, hint="take one need away")

    def _check_placeholders(self, plan: ServicePlan, services: Services) -> None:
        form, _, path = self._forms[plan.name]
        for text, place in _texts(form, path):
            for shown, hint in services.unknown(text, plan.name):
                summary = f"`{shown}` names nothing that service `{plan.name}` may use"
                self.problems.add("unknown-placeholder", summary, place, hint=hint)


def _texts(form: wire_services.Service, path: Path) -> Iterator[tuple[str, Path]]:
    """All texts of a service in which placeholders are filled, each with its place."""
    yield from _each(form.run, (*path, "run"))
    for at, words in enumerate(form.setup):
        yield from _each(words, (*path, "setup", at))
    for name, text in form.env.items():
        yield text, (*path, "env", name)
    if isinstance(form.ready, str):
        yield form.ready, (*path, "ready")
    else:
        yield form.ready.http, (*path, "ready", "http")
        yield form.ready.log, (*path, "ready", "log")
        yield from _each(form.ready.command, (*path, "ready", "command"))


def _each(words: list[str] | str, path: Path) -> Iterator[tuple[str, Path]]:
    if isinstance(words, str):
        yield words, path
    else:
        yield from ((word, (*path, at)) for at, word in enumerate(words))


def _rate(text: str) -> Decimal | None:
    """Requests a second of `24000/min`."""
    if not text:
        return None
    number, _, unit = text.partition("/")
    return Decimal(number) / {"s": 1, "min": 60, "h": 3600}[unit]
