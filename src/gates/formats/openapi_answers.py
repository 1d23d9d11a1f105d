"""Which answer, and which media type, of a new OpenAPI document stands for one of the old.

A range (`4XX`, `text/*`) and `default` stand for what has no entry of its own. A client of a
specific answer is not served by a range of them: anything in it may come now.
"""

from __future__ import annotations

from collections.abc import Collection

from gates.formats.openapi_change import Way

DEFAULT = "default"
_SUCCESS = ("2", "3")
_ANY = "*/*"


def is_success(status: str) -> bool:
    """Whether a status, or a range of them, tells that all went well."""
    return status.startswith(_SUCCESS)


def statuses(status: str, before: Collection[str], after: Collection[str]) -> tuple[str, ...]:
    """The new answers that a client of an old one may get in its place; none where it is gone.

    `default` stands for no success besides: it says no more than that something may be answered.

    Args:
        status: of the old answer.
        before: all of the old document's operation.
        after: all of the new one's.
    """
    found: list[str] = []
    if status in after:
        found.append(status)
    elif _range(status) in after:
        found.append(_range(status))
    elif DEFAULT in after and not is_success(status):
        found.append(DEFAULT)
    own = (each for each in after if each not in before and each not in found)
    return (*found, *(each for each in own if _stood_for(status, each, before)))


def _range(status: str) -> str:
    return f"{status[0]}XX"


def _stood_for(status: str, other: str, before: Collection[str]) -> bool:
    """Whether an old range, or an old `default`, stood for an answer that is new."""
    if status == DEFAULT:
        is_for_success = not any(map(is_success, before))
        return _range(other) not in before and is_success(other) == is_for_success
    return status == _range(other)


def media_types(
    name: str, before: Collection[str], after: Collection[str], way: Way
) -> tuple[str, ...]:
    """The new media types that stand for an old one; none where it is gone.

    Args:
        name: the old one.
        before: all of the old content.
        after: all of the new one.
        way: which way the content goes: a range takes what a client sends, and promises nothing of
            what it gets.
    """
    found = [name] if name in after else [each for each in after if plain(each) == plain(name)]
    if not found and way is Way.REQUEST:
        found = [each for each in after if _covers(each, name)][:1]
    if found or way is Way.RESPONSE:
        known = {plain(each) for each in before}
        found += [each for each in after if _covers(name, each) and plain(each) not in known]
    return tuple(found)


def plain(name: str) -> str:
    """A media type in one writing: in small letters, without the charset that all is in."""
    kind, *parameters = (part.strip().lower() for part in name.split(";"))
    told = (part.replace(" ", "").replace('"', "") for part in parameters if part)
    return ";".join((kind, *sorted(part for part in told if part != "charset=utf-8")))


def _covers(wide: str, name: str) -> bool:
    """Whether a range of media types holds another one."""
    kind = plain(wide).partition(";")[0]
    if not kind.endswith("/*") or kind == plain(name):
        return False
    return kind == _ANY or plain(name).startswith(kind[:-1])
