"""`openapi-diff`: what the API's contract takes from clients of the released one, by our own rules.

A request may come to be allowed more, an answer less: anything else breaks a client. A keyword that
is not understood and changed counts as breaking, with unknown severity, since nothing shows that it
does not. Two documents that say the same have no change.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus

from gates import __version__
from gates.formats import openapi_diff_result, openapi_document
from gates.formats.openapi_document import Document
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Options,
    Sample,
    Service,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit.files import read_report
from gates.toolkit.git import Git
from gates.toolkit.http_calls import Call, HttpCalls

_FORMS = "name a file of the project, `REVISION:PATH`, or a path on a service that begins with `/`"

_EARLIER = (
    "name the release before; without `base` it is the base of the change, which on the main branch"
    " is the commit before"
)

_CONTRACT = """\
{{"openapi": "3.1.0", "info": {{"title": "sample", "version": "1"}}, "paths": {{
 "/a": {{"get": {{"responses": {{"200": {{"description": "one",
  "content": {{"application/json": {{"schema": {{"type": "object", "required": [{one}],
   "properties": {{"a": {{"type": "string"}}}}}}}}}}}}}}}}}},
 "/b": {{"get": {{"responses": {{"200": {{"description": "two",
  "content": {{"application/json": {{"schema": {{"type": "{two}"}}}}}}}}}}}}}}}}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenapiDiffOptions(Options):
    """Options of `openapi-diff`."""

    current: str = field(
        default="/openapi.json",
        metadata={"help": "the present document: a file of the project, or `/...` on the service"},
    )
    base: str = field(
        default="",
        metadata={
            "help": "the released one: `REVISION:PATH`, a file, or `/...` on `base_service`;"
            " left out, the present file as it is at the base of the change"
        },
    )
    base_service: str = field(
        default="", metadata={"help": "the service that gives `base`, one that the gate's needs"}
    )


class OpenapiDiff(Stage[OpenapiDiffOptions]):
    """Breaking changes of the API's contract, each with its JSON pointer."""

    uses = "openapi-diff"
    title = "breaking changes of the API's contract"
    options_type = OpenapiDiffOptions
    metrics = openapi_diff_result.METRICS
    defaults = (Default(text="breaking == 0"),)
    criteria = ("L2-BREAKING",)
    examines = "operations"
    when = IN_CI
    errored_when = (
        "one of the two documents is not there: the released one has no default but the base",
        "both are one document: one page, one file, or a file that its own commit is asked for",
        "a document is not valid, is no OpenAPI 3.0 or 3.1, or documents no operation",
        "a reference leads out of its document, to nothing, or back to itself",
    )
    sample = Sample(
        files={
            "openapi.json": _CONTRACT.format(one='"a"', two="string"),
            "released.json": _CONTRACT.format(one='"a"', two="string"),
        },
        faulty={"openapi.json": _CONTRACT.format(one="", two="integer")},
        options={"current": "openapi.json", "base": "released.json"},
        reports=("openapi.json",),
    )

    def check(self) -> None:
        """Refuse options that name no two documents.

        Raises:
            ValueError: with the reason.
        """
        options = self.options
        if options.current.startswith("/") and not options.base:
            raise ValueError("`base` names the released contract: " + _FORMS)
        if options.base and options.base == options.current and not options.base_service:
            raise ValueError("`base` and `current` are one document: nothing could differ")
        if options.base.startswith("/") != bool(options.base_service):
            raise ValueError("`base_service` names the service of a `base` that begins with `/`")

    def asks_service(self) -> bool:
        """Whether one of the documents is a page of a service."""
        return any(name.startswith("/") for name in (self.options.current, self.options.base))

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """The documents that are files of the project; unknown where a service gives one."""
        del ctx
        if self.asks_service():
            return ()
        names = (self.options.current, self.options.base)
        return tuple(name for name in names if name and ":" not in name)

    def run(self, ctx: Context) -> StageResult:
        """Read both documents and compare them."""
        current = self.options.current
        is_served = current.startswith("/")
        if self._is_one(ctx):
            place = self.options.base
            hint = "`base_service` names a service that runs the release" if is_served else _EARLIER
            raise _same(f"`{place}` is `{current}` itself", place, hint)
        data = _page(ctx.service, current) if is_served else _file(ctx, current)
        new = openapi_document.read(data, current)
        old, note = self._released(ctx)
        result = openapi_diff_result.measured(
            old,
            new,
            path="" if is_served else current,
            tool=Tool(name="gates", version=__version__, how="its own rules"),
        )
        return replace(result, notes=(*result.notes, *note))

    def _is_one(self, ctx: Context) -> bool:
        """Whether both options lead to one page of one service, or to one file."""
        current, base = self.options.current, self.options.base
        if base.startswith("/"):
            service = ctx.services.get(self.options.base_service)
            is_one_page = service is not None and service.url == ctx.service.url
            return current == base and is_one_page
        if not base or ":" in base or current.startswith("/"):
            return False
        return (ctx.root / base).resolve() == (ctx.root / current).resolve()

    def _released(self, ctx: Context) -> tuple[Document, tuple[str, ...]]:
        """The released document, and what to tell of it."""
        base = self.options.base
        note: tuple[str, ...] = ()
        if not base:
            base = self.options.current
            data = ctx.before(base)
            name = f"the base's {base}"
            if data is None:
                raise _absent(f"the base of the change has no `{base}`", base)
        elif base.startswith("/"):
            service = ctx.services.get(self.options.base_service)
            if service is None:
                raise StageError(
                    "no-service",
                    f"`{self.options.base_service}` is no service of this gate",
                    hint="name it in `needs:` of the service that the gate names",
                    place=base,
                )
            name, data = f"{service.name}'s {base}", _page(service, base)
        elif ":" in base:
            name = base
            data, note = _committed(ctx, base, self.options.current)
        else:
            name, data = base, _file(ctx, base)
        return openapi_document.read(data, name), note


def _committed(ctx: Context, base: str, current: str) -> tuple[bytes, tuple[str, ...]]:
    """A file of a revision of the project's repository."""
    revision, _, path = base.partition(":")
    git = Git(ctx.root)
    commit = git.resolve(revision)
    if commit is None:
        raise StageError(
            "unknown-revision",
            f"`{revision}` is no revision that this clone knows",
            hint="fetch it: a shallow clone has no tags and no history",
            place=base,
        )
    data = git.committed(path, of=commit)
    if data is None:
        raise _absent(f"`{revision}` has no `{path}`", base)
    if commit == git.head() and not current.startswith("/"):
        is_it = (ctx.root / path).resolve() == (ctx.root / current).resolve()
        if is_it and data == _file(ctx, current):
            raise _same(
                f"`{revision}` is checked out, and `{current}` is as it is there", base, _EARLIER
            )
        note = f"`{revision}` is checked out: only what is not committed can differ"
        return data, (note,)
    return data, ()


def _page(service: Service, path: str) -> bytes:
    reply = HttpCalls(url=service.url)(Call(method="GET", target=path))
    if reply.status != HTTPStatus.OK:
        raise _absent(f"GET {path} on `{service.name}` answers {reply.status}", path)
    return reply.body


def _file(ctx: Context, name: str) -> bytes:
    if name not in ctx.files(name):
        raise _absent(f"`{name}` is not a file of the project", name)
    return read_report(ctx.root / name).data


def _same(summary: str, place: str, hint: str) -> StageError:
    return StageError("same-document", f"{summary}: nothing could differ", hint=hint, place=place)


def _absent(summary: str, place: str) -> StageError:
    return StageError("no-document", summary, hint=_FORMS, place=place)
