"""The operations below `paths` of an OpenAPI document, each read whole or refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from gates.domain.errors import OutputUnreadable
from gates.formats.nearest import nearest
from gates.formats.openapi_model import METHODS, Content, Operation, Parameter, Response
from gates.formats.openapi_references import follow
from gates.formats.openapi_servers import servers_of
from gates.formats.strict_json import Value

INVALID = "openapi-invalid"

_BESIDE_METHODS = frozenset({"$ref", "summary", "description", "servers", "parameters"})
_LOCATIONS = ("path", "query", "header", "cookie")
_TEMPLATE = re.compile(r"\{([^{}/]*)\}")
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|XX)|default")
_EXPLODED = frozenset({"query", "cookie"})  # what `style: form`, their default, stands for


def operations_of(root: Value) -> tuple[Operation, ...]:
    """All operations, in the order of the document.

    Args:
        root: the whole document.

    Raises:
        OutputUnreadable: one of them is not as the specification says.
    """
    paths = root.find("paths")
    if paths is None:
        return ()
    found: list[Operation] = []
    shapes: dict[str, str] = {}
    for path, item in paths.entries():
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            raise item.unreadable("is a path that does not begin with `/`", slug=INVALID)
        shape = _TEMPLATE.sub("{}", path)
        if shape in shapes:
            problem = f"is the same path as `{shapes[shape]}`, with other names in it"
            raise item.unreadable(problem, slug=INVALID)
        shapes[shape] = path
        found += _of_path(root, path, item)
    _refuse_repeated_ids(root, found)
    return tuple(found)


def _of_path(root: Value, path: str, item: Value) -> Iterator[Operation]:
    whole = follow(item)
    for key, value in whole.entries():
        if key in METHODS:
            yield _Reader(root, path, whole, key, value).operation()
        elif key not in _BESIDE_METHODS and not key.startswith("x-"):
            known = nearest(key, METHODS)
            meant = f"; was `{known}` meant?" if known else ""
            raise value.unreadable(f"is no method of OpenAPI 3.0 or 3.1{meant}", slug=INVALID)


class _Reader:
    """Reads one operation."""

    def __init__(self, root: Value, path: str, item: Value, method: str, value: Value) -> None:
        self.root = root
        self.path = path
        self.item = item
        self.method = method
        self.value = value

    def operation(self) -> Operation:
        value = self.value
        value.mapping()
        body = value.find("requestBody")
        whole = follow(body) if body else None
        required = whole.find("required") if whole else None
        deprecated = value.find("deprecated")
        servers, servers_pointer = servers_of(value, self.item, self.root)
        return Operation(
            method=self.method.upper(),
            path=self.path,
            operation_id=_text(value, "operationId"),
            summary=_text(value, "summary") or _text(value, "description"),
            tags=tuple(tag.text() for tag in _items(value, "tags")),
            is_deprecated=deprecated.flag() if deprecated else False,
            parameters=self._parameters(),
            has_body=body is not None,
            body_required=required.flag() if required else False,
            body=_contents(whole.member("content")) if whole else (),
            security=self._security(),
            responses=self._responses(),
            servers=servers,
            servers_pointer=servers_pointer,
            pointer=value.pointer,
        )

    def _parameters(self) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for holder in (self.item, self.value):
            here: set[tuple[str, str]] = set()
            for each in _items(holder, "parameters"):
                parameter = _parameter(follow(each))
                key = (parameter.location, parameter.name)
                if key in here:
                    problem = f"stands twice: {parameter.location} `{parameter.name}`"
                    raise each.unreadable(problem, slug=INVALID)
                here.add(key)
                found[key] = parameter
        named = {name for location, name in found if location == "path"}
        in_path = set(_TEMPLATE.findall(self.path))
        if lost := sorted(in_path - named):
            problem = f"declares no path parameter `{lost[0]}`, which `{self.path}` holds"
            raise self.value.unreadable(problem, slug=INVALID)
        if idle := sorted(named - in_path):
            problem = f"declares the path parameter `{idle[0]}`, which `{self.path}` lacks"
            raise self.value.unreadable(problem, slug=INVALID)
        return tuple(found.values())

    def _security(self) -> tuple[tuple[str, ...], ...]:
        own = self.value.find("security")
        holder = own or self.root.find("security")
        if holder is None:
            return ()
        known = _schemes(self.root)
        return tuple(_alternative(each, known) for each in holder.items())

    def _responses(self) -> tuple[Response, ...]:
        responses = self.value.find("responses")
        if responses is None:
            raise self.value.unreadable("documents no `responses`", slug=INVALID)
        found = []
        for status, each in responses.entries():
            if status.startswith("x-"):
                continue
            if _STATUS.fullmatch(status) is None:
                raise each.unreadable("is no status: write `200`, `4XX` or `default`", slug=INVALID)
            found.append(_response(status, follow(each)))
        if not found:
            raise responses.unreadable("documents no answer", slug=INVALID)
        return tuple(found)


def _parameter(value: Value) -> Parameter:
    location = value.member("in").text()
    if location not in _LOCATIONS:
        raise value.member("in").unreadable(f"is `{location}`, no place of a parameter")
    required = value.find("required")
    is_required = required.flag() if required else False
    name = value.member("name").text()
    if location == "path" and not is_required:
        problem = f"is the path parameter `{name}` and must say `required: true`"
        raise value.unreadable(problem, slug=INVALID)
    content = value.find("content")
    contents = _contents(content) if content else ()
    explode = value.find("explode")
    return Parameter(
        name=name,
        location=location,
        required=is_required,
        schema=contents[0].schema if contents else _schema(value),
        example=contents[0].example if contents else _example(value),
        explode=explode.flag() if explode else location in _EXPLODED,
        pointer=value.pointer,
    )


def _response(status: str, value: Value) -> Response:
    value.member("description").text()
    content = value.find("content")
    headers = value.find("headers")
    return Response(
        status=status,
        content=_contents(content) if content else (),
        headers=tuple(headers.mapping()) if headers else (),
        pointer=value.pointer,
    )


def _contents(value: Value) -> tuple[Content, ...]:
    return tuple(
        Content(
            media_type=media_type,
            schema=_schema(each),
            example=_example(each),
            pointer=each.pointer,
        )
        for media_type, each in value.entries()
    )


def _schema(holder: Value) -> object:
    schema = holder.find("schema")
    return follow(schema).raw if schema else {}


def _example(holder: Value) -> object:
    """What the document gives as an example, nearest first; None where it gives none."""
    own = holder.find("example")
    if own:
        return own.raw
    for _, each in holder.member("examples").entries() if holder.find("examples") else ():
        value = follow(each).find("value")
        if value:
            return value.raw
    schema = holder.find("schema")
    return _example_of(follow(schema)) if schema else None


def _example_of(schema: Value) -> object:
    if not isinstance(schema.raw, dict):
        return None
    for key in ("example", "default", "const"):
        found = schema.raw.get(key)
        if found is not None:
            return found
    for key in ("examples", "enum"):
        several = schema.raw.get(key)
        if isinstance(several, list) and several:
            first: object = several[0]
            return first
    return None


def _schemes(root: Value) -> Collection[str]:
    components = root.find("components")
    schemes = components.find("securitySchemes") if components else None
    return schemes.mapping() if schemes else {}


def _alternative(value: Value, known: Collection[str]) -> tuple[str, ...]:
    names = tuple(value.mapping())
    for name in names:
        if name not in known:
            raise value.unreadable(f"names the security scheme `{name}`, which is not declared")
    return names


def _items(holder: Value, key: str) -> Iterator[Value]:
    found = holder.find(key)
    return found.items() if found else iter(())


def _text(holder: Value, key: str) -> str:
    found = holder.find(key)
    return found.text() if found else ""


def _refuse_repeated_ids(root: Value, operations: list[Operation]) -> None:
    seen: dict[str, str] = {}
    for operation in operations:
        name = operation.operation_id
        if name in seen:
            raise OutputUnreadable(
                INVALID,
                f"`{seen[name]}` and `{operation.label}` have one `operationId`, `{name}`",
                place=root.what,
            )
        if name:
            seen[name] = operation.label
