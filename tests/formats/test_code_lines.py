from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.domain.errors import OutputUnreadable
from gates.formats.code_lines import code_lines, holds_only_types, suffixes_of


def lines(text: str, path: str) -> tuple[int, ...]:
    return code_lines(text.encode(), path=path).lines


def test_python_is_parsed() -> None:
    assert lines('"""Doc."""\nx = [\n  1,\n]\n', "a.py") == (2,)
    with pytest.raises(OutputUnreadable):
        code_lines(b"def", path="a.py")


def test_blank_lines_and_comments_do_not_count() -> None:
    text = "// one\n\nconst a = 1; // two\n/* three\n four\n*/ const b = 2;\n  /* five */\n"
    assert lines(text, "a.js") == (3, 6)
    assert lines("# one\nputs 1 # two\n\n", "a.rb") == (2,)


@pytest.mark.parametrize(
    "text",
    [
        'const a = "/*";\nrun();\nconst b = "*/";\n',
        "const a = /[/*]/;\nrun();\nconst b = /[*/]/;\n",
        "const a = '//';\nrun();\nrun(`\n/*\n`);\n",
        "const a = 1; /*\nrun();\n*/ b();\n",
        'char *a = """\n/*\n""";\n',
    ],
)
def test_what_may_be_no_comment_counts(text: str) -> None:
    every = tuple(range(1, text.count("\n") + 1))
    assert lines(text, "a.ts") == every


def test_of_an_unknown_language_each_line_counts() -> None:
    assert lines("// one\n\ntwo\n", "a.zig") == (1, 3)
    assert lines("<template>\n</template>\n", "a.vue") == (1, 2)


@pytest.mark.parametrize(
    "path", ["a.d.ts", "src/a.d.mts", "package-info.java", "a/module-info.java"]
)
def test_nothing_runs_in_declarations(path: str) -> None:
    assert lines("declare const a: string;\n", path) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "// nothing\n",
        "import x from './y'\nimport {\n a,\n type B } from './x';\nexport * from './c'\n",
        "import './polyfill';\nimport x, { y } from 'z';\nimport * as all from \"a\"\n",
        "import type X from 'y'; import type { Z } from 'y'; export type { X, Z };",
        "export * as all from './a'; export { b as c } from './b'; export {};",
        "interface A { a: string; b(): { c: number } }\nexport default interface B extends A {}",
        "export type A =\n  | 'x'\n  | { a: string; b: number[] }\n\ntype B = (a: string) => void;",
        "type A = Foo<\n  string,\n  number\n>\n",
        "export declare type B<T> = T extends\n string\n ? 1 : 2",
    ],
)
def test_files_of_types(text: str) -> None:
    assert holds_only_types(text)
    assert lines(text, "a.ts") == ()


@pytest.mark.parametrize(
    "text",
    [
        "export const a = 1;",
        "import a from 'b'; a();",
        "import('x');",
        "type A = string\nrun()\n",
        "type A = string \n   \n// x\n run()",
        "type A = string; run()",
        "type A = { a: string }\nrun()\n",
        "interface A {}; run()",
        "interface A {} run()",
        "enum A { B }",
        "class A {}",
        "export default 1",
        "export default function f() {}",
        "interface A { a: string",
        "type A = { a: string",
        "type A = }",
        "declare const a: string; a()",
        "'use strict'",
        "namespace A { run() }",
    ],
)
def test_files_with_more_than_types(text: str) -> None:
    assert not holds_only_types(text)
    assert lines(text, "a.ts")


@given(st.text(alphabet="interface type{}()=;\n'\"/*`|a", max_size=60))
def test_a_call_at_the_end_always_counts(text: str) -> None:
    # Behind an open text or comment it is none; a word of its own line before it closes them.
    assert not holds_only_types(f"{text}\n*/'\"`\n;run();")


def test_what_belongs_together() -> None:
    assert suffixes_of(frozenset({"src/a.py"})) == (".py",)
    found = suffixes_of(frozenset({"src/a.ts", "b/.eslintrc", "Makefile", "a.json"}))
    assert {".ts", ".js"} < set(found)
    assert {".json", ".vue"}.isdisjoint(found)
    assert {".ts", ".js", ".vue"} < set(suffixes_of(frozenset({"a.vue"})))
    assert ".kt" in suffixes_of(frozenset({"a/B.java"}))
    assert suffixes_of(frozenset({"a.zig"})) == (".zig",)
    assert suffixes_of(frozenset({".zig", "zig"})) == ()
