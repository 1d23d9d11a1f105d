"""JSON pointers (RFC 6901): one value out of a parsed document."""

from __future__ import annotations

from gates.domain.errors import OutputUnreadable


def resolve(document: object, pointer: str, *, what: str = "the document") -> object:
    """The value that `pointer` names in `document`.

    Args:
        document: parsed JSON: dictionaries, lists and scalars.
        pointer: empty for the whole document, else `/step/step`; `~1` is `/`, `~0` is `~`.
        what: the document's name, for the message.

    Raises:
        OutputUnreadable: the pointer is not one, or a step is not there; the first is named.
    """
    value = document
    walked = ""
    for step in split(pointer, what=what):
        value = _step(value, step, walked, what)
        walked += "/" + escape(step)
    return value


def split(pointer: str, *, what: str = "the document") -> tuple[str, ...]:
    """The unescaped steps of a pointer.

    Raises:
        OutputUnreadable: the text is not a JSON pointer.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        summary = f"`{pointer}` is not a JSON pointer"
        raise OutputUnreadable("json-pointer", summary, hint="begin with `/`", place=what)
    steps = pointer[1:].split("/")
    for step in steps:
        if "~" in step.replace("~0", "").replace("~1", ""):
            summary = f"`{pointer}` is not a JSON pointer"
            hint = "write `~0` for `~` and `~1` for `/`"
            raise OutputUnreadable("json-pointer", summary, hint=hint, place=what)
    # RFC 6901, section 4: `~1` first, so that `~01` becomes `~1` and not `/`.
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def escape(step: str) -> str:
    """One step as it is written inside a pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def _step(value: object, step: str, walked: str, what: str) -> object:
    if isinstance(value, dict):
        if step in value:
            found: object = value[step]
            return found
        problem = f"has no member `{step}`"
    elif isinstance(value, list):
        # Only 0 and numbers without leading zeros; int() alone would take `٣`, `+1` and `1_0`.
        is_index = step.isascii() and step.isdigit() and (step == "0" or step[0] != "0")
        if is_index and len(step) <= len(str(len(value))) and int(step) < len(value):
            item: object = value[int(step)]
            return item
        problem = f"is an array of {len(value)} items without `{step}`"
    else:
        problem = f"is no object or array, so it has no `{step}`"
    where = f"`{walked}`" if walked else "the top level"
    raise OutputUnreadable("json-missing", f"{where} {problem}", place=what)
