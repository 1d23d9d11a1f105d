"""OpenAPI 3.0 and 3.1 documents, in strict JSON or strict YAML (specification: spec.openapis.org).

Read to be trusted: a misspelt method would be an operation that nobody looks at, so what a document
may not hold where operations stand is refused. References are followed inside the document only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json, strict_yaml
from gates.formats.json_pointer import split
from gates.formats.openapi_model import Content, Operation, Parameter, Response
from gates.formats.openapi_operation import INVALID, operations_of
from gates.formats.openapi_places import lines_of
from gates.formats.openapi_references import follow
from gates.formats.strict_json import Value

__all__ = ["Content", "Document", "Operation", "Parameter", "Response", "read"]

MAX_BYTES = 16 * 1024 * 1024

_VERSIONS = re.compile(r"3\.[01]\.[0-9]+")
_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document whose operations were read, all of them.

    Attributes:
        name: of its file or page.
        version: of OpenAPI, `3.1.0`.
        title: what it calls the service.
        api_version: what it calls the service's version.
        base_path: the path of the first of its `servers`, to be put before those of operations;
            empty, or `/api/v1`.
        operations: in its order.
        security_schemes: what it declares, by name.
        root: the whole of it.
        line: tells the line on which the value of a JSON pointer stands, 1-based; 0 where unknown.
    """

    name: str
    version: str
    title: str
    api_version: str
    base_path: str
    operations: tuple[Operation, ...]
    security_schemes: Mapping[str, Mapping[str, object]]
    root: Value
    line: Callable[[str], int]


def read(data: bytes, name: str) -> Document:
    """Read a document; JSON where it begins with a brace, else YAML.

    Args:
        data: the whole file, UTF-8.
        name: of the file or page, for messages.

    Raises:
        OutputUnreadable: it is no strict JSON or YAML, no OpenAPI 3.0 or 3.1, not valid, or holds a
            reference that leads out of it.
    """
    root, line = _parsed(data, name)
    version = _version(root)
    info = root.member("info")
    if version.startswith("3.0") and root.find("paths") is None:
        raise root.unreadable("has no `paths`", slug=INVALID)
    return Document(
        name=name,
        version=version,
        title=info.member("title").text(),
        api_version=info.member("version").text(),
        base_path=_base_path(root),
        operations=operations_of(root),
        security_schemes=_schemes(root),
        root=root,
        line=line,
    )


def _parsed(data: bytes, name: str) -> tuple[Value, Callable[[str], int]]:
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["}:
        document = strict_json.loads(data, what=name, max_bytes=MAX_BYTES)
        found: list[dict[str, int]] = []

        def line(pointer: str) -> int:
            if not found:  # most documents are never asked
                found.append(lines_of(data.decode("utf-8-sig")))
            return found[0].get(pointer, 0)

        return Value(document, name), line
    if not data.strip():
        raise OutputUnreadable("openapi-empty", "the document is empty", place=name)
    whole = strict_yaml.read(data, name=name)
    if whole.problems or not whole.is_whole:
        problem = whole.problems[0]
        hint = problem.hint or "a large document, or one with anchors, is best given as JSON"
        raise OutputUnreadable(problem.slug, problem.summary, hint=hint, place=problem.place)

    def line_of_yaml(pointer: str) -> int:
        steps = (int(step) if step.isdecimal() else step for step in split(pointer))
        return whole.mark(tuple(steps), key=True).line

    return Value(_texted(whole.value), name), line_of_yaml


def _texted(value: object) -> object:
    """The same with keys that are texts, as JSON has them: `200:` is an integer in YAML."""
    if isinstance(value, dict):
        return {str(key): _texted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texted(item) for item in value]
    return value


def _version(root: Value) -> str:
    if isinstance(root.raw, dict) and "swagger" in root.raw:
        raise OutputUnreadable(
            "openapi-version",
            "a document of Swagger 2.0; OpenAPI 3.0 and 3.1 are read",
            hint="convert it to OpenAPI 3",
            place=root.what,
        )
    version = root.member("openapi").text()
    if _VERSIONS.fullmatch(version) is None:
        raise OutputUnreadable(
            "openapi-version",
            f"OpenAPI `{version}`; 3.0 and 3.1 are read",
            hint="write it in OpenAPI 3.1",
            place=root.what,
        )
    return version


def _base_path(root: Value) -> str:
    """The path of the first server, its variables at their defaults."""
    from urllib.parse import urlsplit

    servers = root.find("servers")
    first = next(servers.items(), None) if servers else None
    if first is None:
        return ""
    url = first.member("url").text()
    for name in _VARIABLE.findall(url):
        default = first.member("variables", name, "default").text()
        url = url.replace(f"{{{name}}}", default)
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""


def _schemes(root: Value) -> Mapping[str, Mapping[str, object]]:
    components = root.find("components")
    schemes = components.find("securitySchemes") if components else None
    return {name: follow(each).mapping() for name, each in schemes.entries()} if schemes else {}
