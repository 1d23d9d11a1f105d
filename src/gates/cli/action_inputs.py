"""The inputs of the GitHub Action, which come as variables of the environment."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gates.domain.errors import ConfigError, Problem

PREFIX = "GATES_INPUT_"
"""What the name of each variable begins with; a blank or dash of the input's name is a `_`."""

SARIF = ("auto", "upload", "file", "off")
SWITCH = ("auto", "off")
ACCEPTED = ("pending", "partial")
SHOWN_LENGTH = 100
INSTEAD = {
    "--level": "give the input `level`",
    "--gate": "give the input `gates`",
    "--policy-from": "give the input `policy-from`",
    "--staged": "the action judges what is checked out",
    "--pre-push": "the action judges what is checked out",
    "--commit-msg": "the action judges what is checked out",
    "--shard": "call the reusable workflow, whose last machine gives the verdict",
    "--plan": "call the reusable workflow, whose last machine gives the verdict",
    "--bundle": "call the reusable workflow, whose last machine gives the verdict",
}
"""Options that `args` may not hold, since they change what is judged behind the inputs."""

_LEVEL = re.compile(r"[123]")
_NAME = re.compile(r"[^\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the user of the action wrote under `with:`.

    Attributes:
        level: which is judged with all below it.
        gates: names, none for all.
        args: more options of `gates check`, none of them in `INSTEAD`.
        policy_from: `auto`, `off` or a revision.
        install: `auto`, `none` or a command, split as a shell splits words.
        annotations: whether lines of the change are marked.
        summary: whether the step has a summary.
        sarif: one of `SARIF`.
        category: what is put ahead of the categories in the SARIF file, or empty.
        artifact: `auto`, `off` or the first part of its name.
        accept: verdicts besides those with exit code 0 that do not fail the step.
        shards: over how many machines a plan divides the level.
        shard: the number of this machine's shard.
        token: with which history is fetched; it is withheld from everything else.
    """

    level: int = 1
    gates: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    policy_from: str = "auto"
    install: str = "auto"
    annotations: bool = True
    summary: bool = True
    sarif: str = "auto"
    category: str = ""
    artifact: str = "auto"
    accept: tuple[str, ...] = ()
    shards: str = "1"
    shard: str = "1"
    token: str = ""


def read(environ: Mapping[str, str]) -> Inputs:
    """Read the inputs; what is left empty has its default.

    Raises:
        ConfigError: with everything that is wrong in them.
    """
    given = {
        name.removeprefix(PREFIX).lower().replace("_", "-"): text.strip()
        for name, text in environ.items()
        if name.startswith(PREFIX)
    }
    problems = [*_problems(given)]
    if problems:
        raise ConfigError(*problems)
    return Inputs(
        level=int(given.get("level") or 1),
        gates=tuple(re.split(r"[\s,]+", given["gates"])) if given.get("gates") else (),
        args=tuple(shlex.split(given.get("args", ""))),
        policy_from=given.get("policy-from") or "auto",
        install=given.get("install") or "auto",
        annotations=(given.get("annotations") or "auto") == "auto",
        summary=(given.get("summary") or "auto") == "auto",
        sarif=given.get("sarif") or "auto",
        category=given.get("category", ""),
        artifact=given.get("artifact") or "auto",
        accept=tuple(re.findall(r"[^\s,]+", given.get("accept", ""))),
        shards=given.get("shards") or "1",
        shard=given.get("shard") or "1",
        token=given.get("token", ""),
    )


def _problems(given: Mapping[str, str]) -> Iterator[Problem]:
    if given.get("level") and not _LEVEL.fullmatch(given["level"]):
        yield _refused("level", given["level"], "it is 1, 2 or 3")
    for name, choices in (("annotations", SWITCH), ("summary", SWITCH), ("sarif", SARIF)):
        if given.get(name) and given[name] not in choices:
            yield _refused(name, given[name], f"it is one of: {', '.join(choices)}")
    for verdict in re.findall(r"[^\s,]+", given.get("accept", "")):
        if verdict not in ACCEPTED:
            hint = f"only {' and '.join(ACCEPTED)} can be accepted"
            yield _refused("accept", verdict, hint)
    for name in ("args", "install"):
        try:
            shlex.split(given.get(name, ""))
        except ValueError as error:
            yield _refused(name, given[name], f"it is split as a shell splits words: {error}")
    yield from _misplaced(given.get("args", ""))
    for name in ("policy-from", "category", "artifact"):
        text = given.get(name, "")
        if text.startswith("-") or (text and not _NAME.fullmatch(text)):
            yield _refused(name, text, "it begins with no dash, and is one line")


def _misplaced(args: str) -> Iterator[Problem]:
    try:
        words = shlex.split(args)
    except ValueError:
        return  # told already
    for word in words:
        hint = INSTEAD.get(word.partition("=")[0])
        if hint:
            yield _refused("args", word, hint)


def _refused(name: str, text: str, hint: str) -> Problem:
    shown = text[:SHOWN_LENGTH]
    return Problem("action-input", f"the input `{name}` is `{shown}`", place="action", hint=hint)
