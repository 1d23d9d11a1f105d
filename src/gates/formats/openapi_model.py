"""What an OpenAPI document says of a service: its operations, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""Methods that a path of OpenAPI 3.0 and 3.1 may have (Path Item Object)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is sent in one media type.

    Attributes:
        media_type: as written, `application/json`.
        schema: what it must look like, references of its top level followed; `{}` where untold.
        example: one that the document gives, or None.
        pointer: where it stands in the document.
    """

    media_type: str
    schema: object
    example: object
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of an operation.

    Attributes:
        name: as it is sent.
        location: `path`, `query`, `header` or `cookie`.
        required: whether a request without it is wrong.
        schema: what it must look like, references of its top level followed; `{}` where untold.
        example: a value that the document gives (an example, a default, the first of the values
            that are allowed), or None.
        explode: whether the items of an array are sent one by one (`a=1&a=2`).
        pointer: where it stands in the document.
    """

    name: str
    location: str
    required: bool
    schema: object
    example: object
    explode: bool
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One documented answer.

    Attributes:
        status: `200`, `4XX` or `default`.
        content: what is sent, by media type; empty for an answer without a body.
        headers: names of its headers.
        pointer: where it stands in the document.
    """

    status: str
    content: tuple[Content, ...]
    headers: tuple[str, ...]
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method on one path.

    Attributes:
        method: `GET`.
        path: its template without the base path, `/orders/{order_id}`.
        operation_id: its `operationId`, or empty.
        summary: its `summary`, or else its `description`, or empty.
        tags: its tags.
        is_deprecated: whether the document calls it deprecated.
        parameters: its own and those of its path.
        has_body: whether it takes a body.
        body_required: whether a request without a body is wrong.
        body: what it takes, by media type.
        security: alternatives, each the names of the schemes that it asks for together; an empty
            alternative, or none at all, needs no credentials.
        responses: documented answers.
        servers: the addresses that it is offered at, its own, its path's or the document's, with
            the variables filled in; an empty one where none is told.
        servers_pointer: where those stand in the document.
        pointer: where it stands in the document.
    """

    method: str
    path: str
    operation_id: str
    summary: str
    tags: tuple[str, ...]
    is_deprecated: bool
    parameters: tuple[Parameter, ...]
    has_body: bool
    body_required: bool
    body: tuple[Content, ...]
    security: tuple[tuple[str, ...], ...]
    responses: tuple[Response, ...]
    servers: tuple[str, ...]
    servers_pointer: str
    pointer: str

    @property
    def label(self) -> str:
        """`GET /orders/{order_id}`."""
        return f"{self.method} {self.path}"

    @property
    def is_public(self) -> bool:
        """Whether it may be asked without credentials."""
        return not self.security or () in self.security

    def example_path(self) -> str | None:
        """The path and the required query, filled with values that the document gives.

        None where it gives none for one that is needed, or one that is no text, number or list.
        """
        from urllib.parse import quote, urlencode

        path = self.path
        query: list[tuple[str, str]] = []
        for parameter in self.parameters:
            if parameter.location not in {"path", "query"} or not parameter.required:
                continue
            texts = _texts(parameter.example)
            if not texts:
                return None
            sent = texts if parameter.explode and parameter.location == "query" else None
            if parameter.location == "path":
                filled = ",".join(quote(text, safe="") for text in texts)
                path = path.replace(f"{{{parameter.name}}}", filled)
            else:
                query += [(parameter.name, text) for text in sent or (",".join(texts),)]
        return f"{path}?{urlencode(query)}" if query else path

    def example_headers(self) -> Mapping[str, str] | None:
        """The required headers and cookies, filled with values that the document gives.

        None where it gives none for one that is needed.
        """
        headers: dict[str, str] = {}
        cookies: list[str] = []
        for parameter in self.parameters:
            if parameter.location not in {"header", "cookie"} or not parameter.required:
                continue
            texts = _texts(parameter.example)
            if not texts:
                return None
            if parameter.location == "header":
                headers[parameter.name] = ",".join(texts)
            else:
                cookies.append(f"{parameter.name}={','.join(texts)}")
        return headers | ({"Cookie": "; ".join(cookies)} if cookies else {})


def _texts(value: object) -> tuple[str, ...]:
    """A value as it is sent; a list as several; none for what has no plain form."""
    items = value if isinstance(value, list) else [value]
    texts = tuple(_plain(items))
    return texts if len(texts) == len(items) else ()


def _plain(items: list[object]) -> Iterator[str]:
    for item in items:
        if isinstance(item, bool):
            yield "true" if item else "false"
        elif isinstance(item, (int, Decimal)):
            yield f"{item:f}" if isinstance(item, Decimal) else str(item)
        elif isinstance(item, str) and item:
            yield item
