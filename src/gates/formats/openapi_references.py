"""References inside an OpenAPI document (`$ref`): only those to the document itself."""

from __future__ import annotations

from gates.domain.errors import OutputUnreadable
from gates.formats.json_pointer import escape, split
from gates.formats.strict_json import Value

REF = "$ref"


def follow(value: Value) -> Value:
    """The value itself, or the one that its reference leads to.

    Raises:
        OutputUnreadable: a reference leads out of the document, to nothing, or back to itself.
    """
    seen: set[str] = set()
    while (reference := reference_of(value)) is not None:
        if reference in seen:
            raise value.unreadable(
                f"refers to `{reference}`, which leads back to itself", slug="openapi-reference"
            )
        seen.add(reference)
        value = target(value, reference)
    return value


def reference_of(value: Value) -> str | None:
    """The reference that stands in place of a value, or None."""
    found = value.raw.get(REF) if isinstance(value.raw, dict) else None
    return found if isinstance(found, str) else None


def target(value: Value, reference: str) -> Value:
    """What a reference that stands at `value` names.

    Raises:
        OutputUnreadable: it leads out of the document, or to nothing.
    """
    if not reference.startswith("#"):
        raise OutputUnreadable(
            "openapi-remote",
            f"`{value.pointer}` refers to `{reference}`, outside the document",
            hint="bundle the document into one file: only references that begin with `#/` are"
            " followed",
            place=value.what,
        )
    found = _root(value)
    for step in _steps(value, reference):
        below = _below(found, step)
        if below is None:
            raise value.unreadable(
                f"refers to `{reference}`, and `{found.pointer}/{escape(step)}` is not there",
                slug="openapi-reference",
            )
        found = below
    return found


def located(root: Value, pointer: str) -> Value:
    """The value at a JSON pointer of a document.

    Raises:
        OutputUnreadable: there is none.
    """
    from urllib.parse import quote

    return target(root, f"#{quote(pointer, safe='/~')}")


def is_30(value: Value) -> bool:
    """Whether a value stands in a document of OpenAPI 3.0, whose schemas are no JSON Schema."""
    top = _root(value).raw
    version = top.get("openapi") if isinstance(top, dict) else None
    return isinstance(version, str) and version.startswith("3.0")


def _steps(value: Value, reference: str) -> tuple[str, ...]:
    """The steps of a reference: a URI fragment that holds a JSON pointer (RFC 6901, section 6)."""
    from urllib.parse import unquote

    pointer = unquote(reference[1:])
    if pointer and not pointer.startswith("/"):
        raise value.unreadable(
            f"refers to `{reference}`, a name and no place; only `#/...` is followed",
            slug="openapi-reference",
        )
    return split(pointer, what=value.what)


def _below(value: Value, step: str) -> Value | None:
    if isinstance(value.raw, dict) and step in value.raw:
        return Value(value.raw[step], value.what, value, step)
    if isinstance(value.raw, list):
        digits = step.isascii() and step.isdigit() and len(step) < 10  # noqa: PLR2004
        if digits and int(step) < len(value.raw):
            return Value(value.raw[int(step)], value.what, value, int(step))
    return None


def _root(value: Value) -> Value:
    while value.above is not None:
        value = value.above
    return value
