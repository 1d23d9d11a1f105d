"""What the project's own TypeScript tells of its sources; recorded with 5.9.3 and 7.0.2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from formats.cuts import refuses_every_cut
from repositories import Repo
from stages.fake_context import recorded
from stages.node_project import TOOLS, node_context

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import typescript_survey
from gates.formats.typescript_survey import Compiler, Place, Surveyed, compiler, parse, request

VERSIONS = ("5.9.3", "7.0.2")
FILES = ("src/a.ts", "src/b.ts")
PLACE = {"line": 1, "column": 2}
LACKING = {**PLACE, "name": "f", "result": False, "parameters": ["x", "y"]}
COUNTED = """\
type H = (a: string) => void;
const h1: H = (a) => { const inner = () => 1; };
const o1: { f(x: number): string } = { f(x) { return () => 1; } };
const o2 = { f(x: number) { return 1; }, g: (a: any) => 2, get k() { return 1; } };
const o3 = { f: (x: number): number => 1 } as const;
const o4 = { f: () => 1 } as const;
const o5 = { f: () => 1 } satisfies Record<string, () => number>;
export default () => 3;
interface I { m(a); n(): void; (x); new (y): I; p: (z) => void; any: string; }
class A { constructor(a, private b = 3) {} f = () => 1; g: H = (a) => {}; set s(v) {} }
class B { static { (() => 1)(); } m(this: B, ...r: any[]): void {} }
function over(a: string): void; function over(a: any) {}
let v: H; v = () => 1; const w = h1 || (() => 1);
const el = <div onClick={() => 1}>any text</div>;
[1].map((x) => () => x).filter((y): any => y!);
function g<T = any>(a: T): () => void { return () => {}; }
const t = `${((): any => 1)()} any`; const re = /any: any/; // any
const x = /* any */ (1 as any) as unknown as Array<any>; const q = { any: 1 };
"""
SCRIPT = """\
/** @type {any} */
export const a = 1;
/** @param {string} x any */
function f(x) { return [1].map((y) => y); }
/** @type {*} */ let z; /** @type {Array<*>} */ let y; const re = {"any": "*"};
/** @param {number} x @returns {number} */ export function half(x, y) { return y; }
/** @typedef {(a: number) => string} H */
/** @type {H} */ const h = (a) => "x";
/** @type {(a: number) => string} */ function k(a) { return "x"; }
class C {
  /** @param {string} a */
  constructor(a) {}
  /** @type {H} */
  p = (a) => "x";
}
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_a_recorded_answer(version: str) -> None:
    which = compiler("/project/node_modules/typescript", version)
    data = recorded(f"tsc/{version}/survey.json")

    assert parse(data, which=which, root="/project", files=FILES) == {
        "src/a.ts": Surveyed(
            anys=(Place(line=3, column=22, text="`any` is written as a type"),),
            untyped=(
                Place(
                    line=3,
                    column=1,
                    text="`a` has no type for `y` and no type of its result",
                ),
            ),
        ),
        "src/b.ts": Surveyed(anys=(), untyped=()),
    }
    refuses_every_cut(lambda cut: parse(cut, which=which, root="/project", files=FILES), data)


def answer(**changes: object) -> bytes:
    whole = {"path": "/project/src/a.ts", "anys": [], "untyped": [], "broken": [], **changes}
    return json.dumps({"version": "5.9.3", "files": [whole]}).encode()


def parsed(data: bytes, *files: str) -> Surveyed:
    which = compiler("/t", "5.9.3")
    return parse(data, which=which, root="/project", files=files or FILES[:1])["src/a.ts"]


def test_what_a_function_lacks_is_told() -> None:
    both, parameter, result = LACKING, {**LACKING, "result": True}, {**LACKING, "parameters": []}
    nameless = {**result, "name": ""}

    found = parsed(answer(untyped=[both, parameter, result, nameless])).untyped

    assert [each.text for each in found] == [
        "`f` has no type for `x` and no type for `y` and no type of its result",
        "`f` has no type for `x` and no type for `y`",
        "`f` has no type of its result",
        "a function has no type of its result",
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (answer(anys=[{"line": 0, "column": 1}]), "before the first"),
        (answer(anys=[{"line": 1, "column": 0}]), "before the first"),
        (answer(untyped=[{**LACKING, "result": True, "parameters": []}]), "lacks nothing"),
        (answer(path="/project/src/b.ts"), "answered for others"),
        (answer().replace(b"5.9.3", b"5.9.2"), "and 5.9.2 answered"),
        (answer().replace(b'"anys"', b'"anys": [], "anys"'), "stands twice"),
        (b'{"version": "5.9.3", "files": NaN}', "no number"),
        (b"[" * 100_000, "deep"),
        (b"", "empty"),
    ],
)
def test_an_answer_that_lies_or_is_none_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(OutputUnreadable, match=says):
        parsed(data)


def test_a_file_for_which_nothing_is_answered_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="asked for 2 files"):
        parsed(answer(), *FILES)


def test_a_file_that_could_not_be_parsed_is_an_error() -> None:
    broken = [{"line": 3, "column": 4, "text": "';' expected."}]

    with pytest.raises(StageError, match=r"`src/a\.ts` could not be parsed: ';'") as caught:
        parsed(answer(broken=broken))
    assert caught.value.problem.place == "src/a.ts:3:4"


def test_a_file_that_was_not_parsed_as_it_stands_is_an_error() -> None:
    data = json.dumps({"version": "5.9.3", "files": [{"path": "/project/src/a.ts", "odd": True}]})

    with pytest.raises(StageError, match=r"`src/a\.ts` was not parsed as it stands") as caught:
        parsed(data.encode())
    assert "save it as UTF-8" in caught.value.problem.hint


def test_modules_of_a_compiler() -> None:
    assert compiler("/t", "6.1.0") == Compiler(version="6.1.0", entry="/t/lib/typescript.js")
    assert compiler("/t", "7.0.2").syntax == "/t/dist/ast/index.js"
    with pytest.raises(StageError, match="tells no version"):
        compiler("/t", "unknown")


def test_a_request_names_absolute_files() -> None:
    data = request(compiler("/t", "5.9.3"), root="/project", folder="/out", files=FILES[::-1])
    asked: dict[str, object] = json.loads(data)

    assert asked["files"] == ["/project/src/a.ts", "/project/src/b.ts"]
    assert asked["config"] == "/out/tsconfig.json"


@pytest.mark.live
@pytest.mark.parametrize(("version", "folder"), [("5.9.3", ""), ("7.0.2", "-7")])
def test_live_what_counts_in_each_version(repo: Repo, version: str, folder: str) -> None:
    ctx = node_context(repo, {"a.tsx": COUNTED, "b.js": SCRIPT})
    which = compiler(str(TOOLS / f"typescript{folder}"), version)
    files = ("a.tsx", "b.js")
    program, asked = ctx.out / typescript_survey.NAME, ctx.out / "asked.json"
    program.write_bytes(typescript_survey.PROGRAM)
    asked.write_bytes(request(which, root=str(ctx.root), folder=str(ctx.out), files=files))

    done = ctx.run(ctx.tool("node"), str(program), str(asked))

    found = parse(done.stdout, which=which, root=str(ctx.root), files=files)
    assert places(found["a.tsx"].anys) == ["4:49", "11:52", "12:50", "15:37", "16:16", "17:19",
                                           "18:27", "18:52"]  # fmt: skip
    assert places(found["a.tsx"].untyped) == [
        "2:38", "4:14", "4:45", "4:60", "6:17", "8:16", "9:15", "9:32", "9:37", "9:52", "10:11",
        "10:48", "10:75", "11:21", "12:33", "13:15", "13:41",
    ]  # fmt: skip
    assert places(found["b.js"].anys) == ["1:11", "5:11", "5:35"]
    assert places(found["b.js"].untyped) == ["4:1", "6:44"]
    assert found["b.js"].untyped[1].text == "`half` has no type for `y`"


def places(found: tuple[Place, ...]) -> list[str]:
    return [f"{each.line}:{each.column}" for each in found]


def test_the_program_stands_alone() -> None:
    imports = [
        line for line in typescript_survey.PROGRAM.splitlines() if line.startswith(b"import")
    ]

    assert all(b'from "node:' in line for line in imports)
    assert Path(typescript_survey.NAME).suffix == ".mjs"
