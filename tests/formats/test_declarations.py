from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.code_lines import code_lines
from gates.formats.declarations import holds_only_declarations

GUARDED = '#ifndef A_H\n#define A_H\n#include "b.h"\n{}\n#endif /* A_H */\n'

BARE = [
    ("a.h", GUARDED.format("/* doc */\nint f(void);\nextern int x;\nstruct s;\n")),
    ("a.h", GUARDED.format("typedef struct a { int x; struct b { int y; } b; } a_t;")),
    ("a.h", GUARDED.format("enum e { A = 1, B = (1 << 2) };\nunion u { int x; char *y; };")),
    ("a.h", GUARDED.format('extern "C" {\nint f(int, char *);\na_t *g(const a_t *x);\n}')),
    ("a.h", GUARDED.format("#define MAX(a, b) \\\n  ((a) > (b))\nlong f(a_t *x, ...);")),
    ("a.h", GUARDED.format('static const char *NAME = "int f() {";\nvoid f(int x); // {\n')),
    ("a.h", "\ufeff#pragma once\r\nint f(void);\r\n"),
    (
        "a.hpp",
        (
            "namespace a::b {\nclass C : public D<int> {\n public:\n  C();\n"
            "  virtual int f(int) const = 0;\n C(const C&) = delete;\n};\n}  // namespace\n"
        ),
    ),
    (
        "a.hpp",
        (
            "template <class T> class V;\nusing A = std::vector<int>;\nvoid f(A& a);\n"
            "int g(const A& a);\nA h(A a, int);\nconstexpr int N = 5;\n"
        ),
    ),
    ("b.rs", "pub struct S {\n    pub x: i32,\n}\n"),
    ("lib.rs", "//! docs\n#![warn(missing_docs)]\npub mod a;\npub use a::{b, c};\n"),
    (
        "b.rs",
        (
            "#[derive(Debug, Clone)]\npub enum E<'a> { A(u8), B { x: &'a str } }\n"
            "pub trait T { fn f(&self) -> u8; }\nconst C: char = '\"';\ntype F = fn(u8);\n"
        ),
    ),
    ("doc.go", "// Package p is.\npackage p\n"),
    (
        "i.go",
        (
            'package p\n\nimport "io"\n\ntype I interface {\n\tG() int\n}\n'
            'type S struct {\n\tA int `json:"func"`\n}\n\nconst A, B = 1, 2\n'
        ),
    ),
    (
        "I.java",
        (
            'package p;\nimport java.util.*;\n/** doc */\n@Api("x")\npublic interface I<T>'
            " extends J {\n  @Nullable int g(T x);\n  interface K {}\n}\n"
        ),
    ),
    ("A.java", "package p;\npublic @interface A {\n  String value();\n}\n"),
    (
        "E.cs",
        (
            "using System;\nnamespace N.M\n{\n  [Flags]\n  public enum E : byte { A = 1, B = 2 }\n"
            "#region x\n}\n"
        ),
    ),
    (
        "I.cs",
        (
            "namespace N;\npublic interface I<T> : J where T : new()\n{\n  int F(T x);\n"
            "  string P { get; set; }\n}\npublic delegate void H(object o);\n"
        ),
    ),
    ("i.dart", "import 'a.dart';\n/// doc\nabstract class I {\n  int g();\n  int get x;\n}\n"),
    ("x.dart", 'library x;\nexport "src/a.dart";\ntypedef F = int Function(int);\n'),
]

CODE = [
    ("a.h", GUARDED.format("static inline int g(void) {\n  return 1;\n}")),
    ("a.h", GUARDED.format("int f(void);\nint g(void) { return 2; }")),
    ("a.h", GUARDED.format("DEFINE_TEST(run)")),
    ("a.h", GUARDED.format("static DEFINE_TEST(run);")),
    ("a.c", "struct s f(void) { return x; }\n"),
    ("a.c", "int f(x) int x; { return x; }\n"),
    ("a.c", "int a[] = { 1, 2 };\n"),
    ("a.cpp", "class A;\nA a(1);\nA b(c);\nA d(e * f);\n"),
    ("a.cpp", "using A = int;\nint x = run();\n"),
    ("a.cpp", "A a = 1;\n"),
    ("a.h", '#include <string>\nstatic const std::string NAME = "x";\n'),
    ("a.hpp", "class A {\n public:\n  A();\n} a;\n"),
    ("a.hpp", "class A a;\n"),
    ("a.hpp", "class A {\n  int f() { return 1; }\n};\n"),
    ("a.hpp", "class A {\n  int x = run();\n};\n"),
    ("a.hpp", "class A {\n  A() = default;\n};\n"),
    ("a.hpp", "namespace a {\nauto f = [] { run(); };\n}\n"),
    ("a.hpp", 'const char *a = R"(\n)";\nclass B;\n'),
    ("b.rs", "pub struct S;\nimpl S { pub fn f() -> i32 { 1 } }\n"),
    ("b.rs", "pub fn f() -> [u8; 3] { run() }\n"),
    ("b.rs", "static X: L<u8> = L::new(|| 1);\n"),
    ("b.rs", "thread_local!(static X: u8 = 1);\n"),
    ("b.rs", 'const A: &str = "x\ny"; fn f() { run() } const B: &str = "z\n";\n'),
    ("a.go", "package p\n\nfunc F() int {\n\treturn 1\n}\n"),
    ("a.go", "package p\n\nvar f = func() int { return 1 }\n"),
    ("a.go", "package p\n\nvar a = `\\`\n\nfunc F() {}\n\nvar b = `\\`\n"),
    ("I.java", "interface I {\n  default int f() { return 1; }\n}\n"),
    ("I.java", "interface I {\n  int X = run();\n}\n"),
    ("E.java", "enum E { A, B }\n"),
    ("A.java", "abstract class A {\n  abstract int f();\n}\n"),
    ("A.java", 'interface A {}\nclass B { String s = """\n"""; }\n'),
    ("A.cs", "class A {\n  public int P { get; set; }\n}\n"),
    ("A.cs", "interface I {\n  int F() => 1;\n}\n"),
    ("A.cs", "namespace N;\nrecord R(int X);\n"),
    ("A.cs", "using System;\nRun();\n"),
    ("A.cs", 'interface I {}\nclass B { string s = @"\\"; }\n'),
    ("a.dart", "abstract class I {\n  const I();\n  int g();\n}\n"),
    ("a.dart", "abstract class I {\n  int g() => 1;\n}\n"),
    ("a.dart", "class I {\n  int g();\n}\n"),
    ("a.dart", "abstract class I {}\nint f() => 1;\n"),
    ("a.kt", "interface I\n"),
]


@pytest.mark.parametrize(("path", "text"), BARE)
def test_nothing_runs_in_declarations(path: str, text: str) -> None:
    assert holds_only_declarations(text, path)
    assert code_lines(text.encode(), path=path).lines == ()


@pytest.mark.parametrize(("path", "text"), CODE)
def test_in_doubt_there_is_code(path: str, text: str) -> None:
    assert not holds_only_declarations(text, path)
    assert code_lines(text.encode(), path=path).lines


def test_a_comment_that_goes_on_behind_a_backslash_begins_no_other() -> None:
    assert not holds_only_declarations("// on \\\n/*\nint f(void) { return 1; }\n/* */\n", "a.h")


FUNCTIONS = {
    "a.h": "int run(int x) { return x; }",
    "a.hpp": "int A::run(int x) { return x; }",
    "a.rs": "fn run(x: i32) -> i32 { x }",
    "a.go": "func run(x int) int { return x }",
    "I.java": "class R { int run(int x) { return x; } }",
    "I.cs": "class R { int Run(int x) { return x; } }",
    "i.dart": "int run(int x) { return x; }",
}


@given(st.sampled_from(BARE), st.sampled_from(BARE), st.data())
def test_a_function_is_never_overlooked(
    one: tuple[str, str], other: tuple[str, str], data: st.DataObject
) -> None:
    suffix = one[0].partition(".")[2]
    (function,) = [text for path, text in FUNCTIONS.items() if path.endswith(f".{suffix}")]
    lines = (one[1] + (other[1] if other[0].endswith(f".{suffix}") else "")).split("\n")
    at = data.draw(st.integers(0, len(lines)))
    # Where it stands in a comment or a text it is none, so nothing of the kind may go on there.
    before = "\n".join(lines[:at])
    if before.count("/*") == before.count("*/") and not before.endswith("\\"):
        text = "\n".join((*lines[:at], function, *lines[at:]))
        assert not holds_only_declarations(text, one[0])
