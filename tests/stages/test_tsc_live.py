"""The stage `tsc` with the real compilers."""

from __future__ import annotations

import pytest
from repositories import Repo
from stages.fake_context import metrics_of
from stages.node_project import TOOLS, NodeContext, node_context

from gates.plugin import StageError, StageResult
from gates.stages.tsc import Tsc, TscOptions

pytestmark = pytest.mark.live

VERSIONS = {"5.9.3": TOOLS / "typescript/bin/tsc", "7.0.2": TOOLS / "typescript-7/bin/tsc"}
STRICT = """\
{
  "compilerOptions": {"strict": true, "lib": ["es2022"], "types": [], "composite": true},
  "include": ["src"]
}
"""
CLEAN = """\
type Handler = (text: string) => void;
export const twice = (x: number): number => 2 * x; // `any` is no word here
export const handler: Handler = (text) => { [text].map((each) => each.length); };
export class Prices { constructor(private readonly tax: number, other = 1) { void other; } }
"""
FAULTY = """\
export function bad(x: any) { return `${x as any}`; }
// @ts-ignore
export const hidden: number = "text";
export const wrong: number = "text";
"""


def live(repo: Repo, version: str, files: dict[str, str]) -> NodeContext:
    ctx = node_context(repo, {"tsconfig.json": STRICT, **files})
    ctx.programs["tsc"] = VERSIONS[version]
    return ctx


def run(ctx: NodeContext) -> StageResult:
    return Tsc(TscOptions()).run(ctx)


@pytest.mark.parametrize("version", VERSIONS)
def test_live_errors_any_and_missing_types(repo: Repo, version: str) -> None:
    ctx = live(repo, version, {"src/a.ts": CLEAN, "src/b.ts": FAULTY, "src/c.js": "let x;\n"})
    ctx.write("tsconfig.tsbuildinfo", "stale")

    result = run(ctx)

    assert metrics_of(result) == {"errors": 1, "any": 2, "untyped": 1, "strict": 0, "ignores": 1}
    assert [(each.rule, each.place) for each in result.findings] == [
        ("TS2322", "src/b.ts:4:14"),
        ("no-explicit-any", "src/b.ts:1:24"),
        ("no-explicit-any", "src/b.ts:1:46"),
        ("explicit-function-return-type", "src/b.ts:1:1"),
    ]
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == ("not strict: no configuration includes `src/c.js`",)
    assert result.tool.version == version
    # What an earlier run left is neither taken nor written.
    assert (ctx.root / "tsconfig.tsbuildinfo").read_text() == "stale"


@pytest.mark.parametrize("version", VERSIONS)
def test_live_a_source_that_cannot_be_parsed_is_an_error(repo: Repo, version: str) -> None:
    ctx = live(repo, version, {"src/a.ts": CLEAN, "src/b.ts": "export const a = ;\n"})

    with pytest.raises(StageError, match=r"`src/b\.ts` could not be parsed: Expression") as caught:
        run(ctx)
    assert caught.value.problem.place == "src/b.ts:1:18"
