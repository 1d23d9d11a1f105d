"""The parts of a service in gates.yaml: its commands, its address, when it can be asked."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from gates.config.problems import Problems
from gates.config.wire_services import ReadyForm
from gates.domain.service import Ready, ReadyBy
from gates.formats.strict_yaml import Path

_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Parts:
    """Reads parts of one service.

    Attributes:
        problems: takes what is wrong.
        path: where the service stands.
    """

    problems: Problems
    path: Path

    def words(self, given: list[str] | str, *at: str | int) -> tuple[str, ...]:
        """The words of a command; a text is split as a shell splits it."""
        import shlex

        place: Path = (*self.path, *at)
        try:
            words = shlex.split(given) if isinstance(given, str) else given
        except ValueError as error:
            summary = f"the command cannot be split into words: {error}"
            self.problems.add("bad-command", summary, place, hint="close the quote")
            return ()
        if not words or not words[0]:
            hint = "write the program and its arguments: `uvicorn app:app --port {port}`"
            self.problems.add("bad-command", "the command names no program", place, hint=hint)
            return ()
        return tuple(words)

    def folder(self, text: str) -> str:
        """A folder below that of gates.yaml."""
        if text.startswith("/") or ".." in text.split("/"):
            summary = f"`{text[:80]}` is not below the folder of gates.yaml"
            hint = "write a relative path without `..`"
            self.problems.add("bad-path", summary, (*self.path, "cwd"), hint=hint)
        return "" if text in {".", "./"} else text

    def ready(self, form: str | ReadyForm, given: Collection[str]) -> Ready:
        """When a service can be asked; by TCP where nothing is said."""
        if "ready" not in given:
            return Ready()
        if isinstance(form, str):
            if form == "tcp":
                return Ready()
            if form.startswith("/"):
                return Ready(by=ReadyBy.HTTP, value=form)
            self._refuse(f"`{form[:80]}` does not say when a service is ready")
            return Ready()
        ways = [key for key in ("http", "tcp", "log", "command") if key in form.model_fields_set]
        if not form.tcp and "tcp" in ways:
            ways.remove("tcp")
        if len(ways) != 1:
            said = " and ".join(f"`{way}`" for way in ways)
            self._refuse(f"`ready` has both {said}" if ways else "`ready` does not say by what")
            return Ready()
        return self._by(ReadyBy(ways[0]), form)

    def _by(self, by: ReadyBy, form: ReadyForm) -> Ready:
        timeout_s = seconds(form.timeout) if form.timeout else Ready().timeout_s
        value = ""
        command: tuple[str, ...] = ()
        if by is ReadyBy.COMMAND:
            command = self.words(form.command, "ready", "command")
        elif by is ReadyBy.HTTP:
            value = form.http
            if not value.startswith("/"):
                self._refuse(f"`{value[:80]}` is no path", "http")
        elif by is ReadyBy.LOG:
            value = form.log
            self._check_pattern(value)
        return Ready(by=by, value=value, command=command, timeout_s=timeout_s)

    def _check_pattern(self, pattern: str) -> None:
        place: Path = (*self.path, "ready", "log")
        try:
            if re.compile(pattern).search(""):
                summary = "any line matches it, also an empty one"
                self.problems.add("bad-pattern", summary, place, hint="write what the line says")
        except re.error as error:
            summary = f"it is no regular expression: {error}"
            self.problems.add("bad-pattern", summary, place)

    def _refuse(self, summary: str, *below: str) -> None:
        hint = "write `tcp`, a path (`/health`), or {http: /health}, {log: TEXT}, {command: WORDS}"
        self.problems.add("bad-ready", summary, (*self.path, "ready", *below), hint=hint)


def seconds(text: str) -> int:
    """The seconds of a time limit such as `90s` or `10m`."""
    number = text.rstrip("smihn")
    return int(number) * _SECONDS[text[len(number) :]]


def host_of(url: str) -> str | None:
    """The host of an address of HTTP, in small letters; None where it holds more than that."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    if parts.path not in {"", "/"} or "?" in url or "#" in url:
        return None
    return host if re.fullmatch(r"[a-z0-9._:-]+", host) else None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone."""
    from ipaddress import ip_address

    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
