"""Commands that end well whatever the project holds, as far as their words show it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator

ALWAYS_ZERO = frozenset({":", "echo", "printf", "true"})
"""Programs whose exit status tells nothing."""

_SHELLS = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
_PASSING_ON = frozenset({"cat", "head", "tail", "tee"})
"""Programs that end well whatever comes through a pipe."""

_ENV_TAKES = frozenset({"-C", "--chdir", "-u", "--unset"})
_SIGNS = re.compile(r"&&|\|\||&>>?|[<>]&|>\||>>|<<|[;&|()<>\n]")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=.*", re.DOTALL)
_ENDS = frozenset({";", "\n", "&"})
_ERREXIT = re.compile(r"[+-][a-z]*e[a-z]*")


def is_idle(words: Iterable[str]) -> bool:
    """Whether a command of these words ends with 0 whatever it looks at; else nobody knows."""
    rest = [*words]
    if not rest:
        return False
    name = rest[0].rpartition("/")[2]
    if name in ALWAYS_ZERO:
        return True
    if name == "env":
        inner = _behind_env(rest[1:])
        return not inner or is_idle(inner)
    if name in _SHELLS:
        return _is_idle_shell(rest[1:])
    return False


def _behind_env(words: list[str]) -> list[str]:
    """What `env` starts; empty where it only tells the environment."""
    while words:
        word = words[0]
        if word in {"-S", "--split-string"}:
            return _behind_env([*_split(" ".join(words[1:2])), *words[2:]])
        if word in _ENV_TAKES:
            words = words[2:]
        elif word.startswith("-") or _ASSIGNMENT.fullmatch(word):
            words = words[1:]
        else:
            break
    return words


def _is_idle_shell(words: list[str]) -> bool:
    """Whether `sh` with these words runs a script of its command line that ends well."""
    stops = False
    for at, word in enumerate(words):
        if not word.startswith(("-", "+")):
            return False
        stops = stops or bool(_ERREXIT.fullmatch(word)) or "pipefail" in words[:at]
        if re.fullmatch(r"-[a-z]*c[a-z]*", word):
            script = next((each for each in words[at + 1 :] if not each.startswith("-")), "")
            return not stops and _is_idle_script(script)
    return False


def _is_idle_script(script: str) -> bool:
    lists = [*_lists(_tokens(script))]
    if not lists:
        return True
    if any(words[:1] == ["set"] for words, _ in lists):
        return False  # what `set -e` and its like stop is not followed
    words, end = lists[-1]
    for earlier, _ in lists[:-1]:
        if "exit" in earlier:
            return earlier == ["exit", "0"]
    return end == "&" or _is_idle_list(words)


def _is_idle_list(words: list[str]) -> bool:
    """Whether commands joined by `&&` and `||` end well, as a shell takes them: from the left."""
    idle, joint, command = False, "", []
    for word in [*words, ""]:
        if word not in {"&&", "||", ""}:
            command.append(word)
            continue
        of_this = _is_idle_pipe(command)
        both, one = idle and of_this, idle or of_this
        idle = {"": of_this, "&&": both, "||": one}[joint]
        joint, command = word, []
    return idle


def _is_idle_pipe(words: list[str]) -> bool:
    """Whether the last command of a pipe ends well: its status is the pipe's."""
    *before, last = _parted(words, "|")
    while last and _ASSIGNMENT.fullmatch(last[0]):
        last = last[1:]
    if last == ["exit", "0"]:
        return True
    return is_idle(last) or (bool(before) and bool(last) and last[0] in _PASSING_ON)


def _lists(tokens: list[str]) -> Iterator[tuple[list[str], str]]:
    words: list[str] = []
    for token in [*tokens, ""]:
        if token and token not in _ENDS:
            words.append(token)
            continue
        if words:
            yield words, token
        words = []


def _parted(words: list[str], sign: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == sign:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _tokens(script: str) -> list[str]:
    """Words and signs of a script; none of a quoted text is a sign."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars=";&|()<>\n")
    lexer.whitespace = " \t\r"
    lexer.commenters = ""
    tokens: list[str] = []
    try:
        for token in lexer:
            signs = _SIGNS.findall(token)
            tokens += signs if "".join(signs) == token else [token]
    except ValueError:
        return ["("]  # a quote that is not closed: nobody knows
    return tokens


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return [text]
