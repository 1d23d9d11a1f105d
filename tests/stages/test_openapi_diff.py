from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from formats.openapi_samples import data, get
from stages.fake_context import FakeContext, fake_context, metrics_of

from gates.plugin import StageError
from gates.stages.openapi_diff import OpenapiDiff, OpenapiDiffOptions
from gates.testing.fake_service import FakeService

OLD = data({"/a": get({"type": "string"})})
NEW = data({"/a": get({"type": "integer"})})


def stage(**options: str) -> OpenapiDiff:
    return OpenapiDiff(OpenapiDiffOptions(**options))


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return fake_context(tmp_path, {"openapi.json": NEW.decode(), "released.json": OLD.decode()})


class Pages(BaseHTTPRequestHandler):
    """Serves each document at the path that names it."""

    pages: ClassVar[dict[str, bytes]] = {"/old.json": OLD, "/new.json": NEW}

    def do_GET(self) -> None:
        page = self.pages.get(self.path)
        self.send_response(200 if page else 404)
        self.send_header("Content-Length", str(len(page or b"")))
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_two_files_are_compared(ctx: FakeContext) -> None:
    result = stage(current="openapi.json", base="released.json").run(ctx)
    assert metrics_of(result) == {"breaking": 1, "changes": 1}
    (found,) = result.findings
    assert (found.path, found.rule) == ("openapi.json", "type")
    line = NEW.decode().splitlines()[found.line - 1]
    assert '"schema"' in line
    assert result.tool.name == "gates"
    assert result.notes == ("released.json (1) against openapi.json (1)",)


def test_by_default_the_released_contract_is_that_of_the_base(ctx: FakeContext) -> None:
    ctx.earlier["openapi.json"] = OLD
    assert metrics_of(stage(current="openapi.json").run(ctx))["breaking"] == 1
    ctx.earlier["openapi.json"] = NEW
    assert metrics_of(stage(current="openapi.json").run(ctx)) == {"breaking": 0, "changes": 0}
    del ctx.earlier["openapi.json"]
    with pytest.raises(StageError, match=r"the base of the change has no `openapi\.json`"):
        stage(current="openapi.json").run(ctx)


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    program = shutil.which("git") or "git"
    subprocess.run((program, *who, *arguments), cwd=root, check=True, capture_output=True)


def test_a_revision_is_read_from_the_repository(ctx: FakeContext) -> None:
    ctx.write("openapi.json", OLD)
    git(ctx.root, "init", "-q")
    git(ctx.root, "add", ".")
    git(ctx.root, "commit", "-qm", "feat: one")
    git(ctx.root, "tag", "v1")
    released = stage(current="openapi.json", base="v1:openapi.json")
    with pytest.raises(StageError, match="`v1` is checked out") as caught:
        released.run(ctx)
    assert "without `base` it is the base of the change" in caught.value.problem.hint
    ctx.write("openapi.json", NEW)
    mended = released.run(ctx)
    assert metrics_of(mended)["breaking"] == 1
    assert mended.notes[-1] == "`v1` is checked out: only what is not committed can differ"
    other = stage(current="openapi.json", base="v1:released.json").run(ctx)
    assert metrics_of(other)["breaking"] == 1
    git(ctx.root, "commit", "-qam", "feat: two")
    changed = released.run(ctx)
    assert metrics_of(changed)["breaking"] == 1
    assert len(changed.notes) == 1
    with pytest.raises(StageError, match=r"`v1` has no `other\.json`"):
        stage(current="openapi.json", base="v1:other.json").run(ctx)
    with pytest.raises(StageError, match="`v2` is no revision"):
        stage(current="openapi.json", base="v2:openapi.json").run(ctx)


def test_a_service_may_give_either(ctx: FakeContext, port: int) -> None:
    ctx.given_services = {
        "api": FakeService(port=port),
        "released": FakeService(name="released", port=port),
    }
    both = stage(current="/new.json", base="/old.json", base_service="released")
    assert both.asks_service()
    assert both.inputs(ctx) == ()
    result = both.run(ctx)
    assert metrics_of(result)["breaking"] == 1
    assert result.findings[0].path == ""
    assert result.notes == ("released's /old.json (1) against /new.json (1)",)
    with pytest.raises(StageError, match="GET /lost on `api` answers 404"):
        stage(current="/lost", base="released.json").run(ctx)
    same = stage(current="/old.json", base="/old.json", base_service="released")
    with pytest.raises(StageError, match="nothing could differ"):
        same.run(ctx)
    own = stage(current="/old.json", base="/old.json", base_service="api")
    with pytest.raises(StageError, match=r"`/old\.json` is `/old\.json` itself") as caught:
        own.run(ctx)
    assert caught.value.problem.hint == "`base_service` names a service that runs the release"
    del ctx.given_services["released"]
    with pytest.raises(StageError, match="`released` is no service of this gate"):
        both.run(ctx)


def test_one_document_under_two_names_is_an_error(ctx: FakeContext, port: int) -> None:
    (ctx.root / "link.json").symlink_to("openapi.json")
    for base in ("./openapi.json", "link.json"):
        with pytest.raises(StageError, match="nothing could differ"):
            stage(current="openapi.json", base=base).run(ctx)
    ctx.write("copy.json", NEW)
    copied = stage(current="openapi.json", base="copy.json").run(ctx)
    assert metrics_of(copied) == {"breaking": 0, "changes": 0}
    ctx.given_services = {"api": FakeService(port=port)}
    served = stage(current="/new.json", base="copy.json").run(ctx)
    assert metrics_of(served) == {"breaking": 0, "changes": 0}


@pytest.mark.parametrize("options", [{"current": "lost.json"}, {"base": "lost.json"}])
def test_a_file_that_is_not_there_is_an_error(ctx: FakeContext, options: dict[str, str]) -> None:
    named = {"current": "openapi.json", "base": "released.json"} | options
    with pytest.raises(StageError, match=r"`lost\.json` is not a file of the project") as caught:
        stage(**named).run(ctx)
    assert "REVISION:PATH" in caught.value.problem.hint


def test_a_document_that_cannot_be_read_is_an_error(ctx: FakeContext) -> None:
    broken = json.loads(NEW)
    broken["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "$ref": "shared.json#/a"
    }
    ctx.write("openapi.json", json.dumps(broken))
    with pytest.raises(StageError, match="outside the document"):
        stage(current="openapi.json", base="released.json").run(ctx)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "`base` names the released contract"),
        ({"current": "a.json", "base": "a.json"}, "one document"),
        ({"current": "a.json", "base": "/b"}, "`base_service` names"),
        ({"current": "a.json", "base": "b", "base_service": "c"}, "`base_service` names"),
        ({"current": "a.json", "base_service": "c"}, "`base_service` names"),
    ],
)
def test_options_that_name_no_two_documents_are_refused(
    options: dict[str, str], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        stage(**options).check()


def test_options_that_fit_are_taken(ctx: FakeContext) -> None:
    for options, inputs in (
        ({"current": "a.json"}, ("a.json",)),
        ({"current": "a.json", "base": "b.json"}, ("a.json", "b.json")),
        ({"current": "a.json", "base": "v1:a.json"}, ("a.json",)),
    ):
        one = stage(**options)
        one.check()
        assert not one.asks_service()
        assert one.inputs(ctx) == inputs
