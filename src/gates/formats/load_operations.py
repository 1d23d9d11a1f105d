"""Which requests an OpenAPI document gives a load: its GET operations, filled by its examples."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.formats.load_plan import Request
from gates.formats.openapi_document import Document, Operation

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """What can be asked, and what cannot.

    Attributes:
        requests: one for each GET operation that can be asked.
        left_out: the GET operations that need a value of which the document gives no example.
    """

    requests: tuple[Request, ...]
    left_out: tuple[str, ...]

    @property
    def note(self) -> str:
        """What every output must tell of those left out; empty where all are asked."""
        if not self.left_out:
            return ""
        shown = ", ".join(self.left_out[:_SHOWN])
        more = f" and {len(self.left_out) - _SHOWN} more" if len(self.left_out) > _SHOWN else ""
        return (
            f"{len(self.left_out)} of {len(self.requests) + len(self.left_out)} GET operations are"
            f" not asked, as the document gives no example for what they need: {shown}{more}"
        )


def chosen(document: Document) -> Chosen:
    """The GET operations of a document.

    Raises:
        StageError: none can be asked.
    """
    requests, left_out = [], []
    for operation in document.operations:
        if operation.method != "GET":
            continue
        request = _request(operation, document.base_path)
        if request is None:
            left_out.append(operation.label)
        else:
            requests.append(request)
    if not requests:
        raise StageError(
            "no-operations",
            f"none of {len(document.operations)} operations can be asked by GET",
            hint="give the parameters examples, or name the requests by `paths:` or `plan:`",
            place=document.name,
        )
    return Chosen(tuple(requests), tuple(left_out))


def _request(operation: Operation, base_path: str) -> Request | None:
    path, headers = operation.example_path(), operation.example_headers()
    if path is None or headers is None or operation.body_required:
        return None
    statuses = tuple(int(each.status) for each in operation.responses if each.status.isdecimal())
    success = tuple(status for status in statuses if status < 400)  # noqa: PLR2004
    return Request(
        name=operation.label,
        path=f"{base_path}{path}",
        headers=tuple(headers.items()),
        statuses=success,
    )
