"""Whether a source of a compiled language holds only declarations, in which nothing runs.

Told by signs alone, so only where they leave no doubt: every brace must belong to a type, a
namespace or a constant, and what stands outside of them must be a declaration. In doubt the source
holds code. Coverage tools of these languages leave such files out of their reports: headers with
prototypes, interfaces, enumerations of C# and Dart, structures of Rust, Go's doc.go. (Java's
enumerations and abstract classes have code of their own, and Go's tool counts functions alone.)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_COMMENT = r"//[^\n]*|/\*.*?\*/"
_TEXT = r'"(?:[^"\\\n]|\\.)*"'
_SIGN = r"'(?:[^'\\\n]|\\.[^'\n]*)'"  # of one character: an apostrophe may stand alone in Rust
_PLAIN = rf"{_COMMENT}|{_TEXT}|{_SIGN}"
_PLUS = (".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx")
_BUILT_IN = "void|bool|char|short|int|long|float|double|unsigned|signed|const"
_BLANK = "\0"
"""Stands for a text, whatever it says."""

_LITERAL = rf"[-+]?(?:\d[\w.]*|{_BLANK}|true|false|nullptr|NULL)"


def holds_only_declarations(text: str, path: str) -> bool:
    """Whether nothing runs in a source; false in doubt, and for languages not known here."""
    suffix = path[path.rfind(".") :]
    if suffix not in _known() or _BLANK in text:
        return False
    odd, tokens, is_bare = _known()[suffix]
    if odd and re.search(odd, text):
        return False
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    return is_bare(re.sub(tokens, _blanked, plain, flags=re.DOTALL | re.MULTILINE))


@lru_cache(1)
def _known() -> dict[str, tuple[str, str, Callable[[str], bool]]]:
    """By ending: what is not read here, comments and texts, and what decides."""
    # A line of C goes on behind a backslash, and so does a comment at its end.
    of_c = (r'R"|\?\?/|//[^\n]*\\\r?\n|/\\\r?\n', _PLAIN)
    of_dart = rf"{_COMMENT}|{_TEXT}|'(?:[^'\\\n]|\\.)*'"
    return {
        **dict.fromkeys((".c", ".h"), (*of_c, _is_c_bare)),
        **dict.fromkeys(_PLUS, (*of_c, _is_plus_bare)),
        ".java": (r'"""|\\u', _PLAIN, _is_java_bare),
        ".cs": (r'[@$]"|"""', rf"{_PLAIN}|^[ \t]*#[^\n]*", _is_cs_bare),
        ".dart": (r"\"\"\"|\'\'\'|\$|\br[\"']", of_dart, _is_dart_bare),
        ".go": ("", rf"{_PLAIN}|`[^`]*`", _is_go_bare),
        ".rs": (r'\b[bc]?r#*"', _PLAIN, _is_rust_bare),
    }


def _blanked(found: re.Match[str]) -> str:
    return " " if found[0].lstrip().startswith(("/", "#")) else _BLANK


def _without(pattern: str, text: str, by: str = " ") -> str:
    return re.sub(pattern, by, text)


def _collapsed(pattern: str, text: str, by: str = ";") -> str:
    """The text without what a pattern finds, over and over: it finds what is innermost."""
    before = None
    while before != text:
        before, text = text, re.sub(pattern, by, text)
    return text


def _is_blank(text: str) -> bool:
    return not text.strip(" \t\r\n;\ufeff")


def _is_java_bare(text: str) -> bool:
    rest = _without(r"\b(?:package|import(?:\s+static)?)\s+[\w.*\s]+;", text)
    rest = _without(r"@(?!interface\b)[\w.]+(?:\s*\([^(){}]*\))?", rest)
    head = r"(?:\b(?:public|protected|private|static|abstract|sealed|non-sealed|strictfp)\s+)*"
    kind = rf"{head}(?:@\s*)?\binterface\s+\w[\w.,<>?&\s\[\]]*"
    return _is_blank(_collapsed(kind + r"\{[^{}=]*\}", rest))


def _is_cs_bare(text: str) -> bool:
    rest = _without(r"\b(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?[\w.:<>,\s]+;", text)
    rest = _without(r"\[[^\[\]{};]*\]", rest)
    head = r"(?:\b(?:public|internal|protected|private|file|partial|unsafe|new)\s+)*"
    rest = _collapsed(rf"{head}\bdelegate\s[^{{}};=]*;", rest)
    rest = _collapsed(rf"{head}\benum\s+\w+(?:\s*:\s*\w+)?\s*\{{[^{{}};]*\}}", rest)
    # Accessors without a body, which only an interface has besides classes: these stay.
    rest = _without(r"\{\s*(?:(?:get|set|init)\s*;\s*)+\}", rest, ";")
    kind = rf"{head}\binterface\s+\w[\w.,<>?:()\s]*"
    rest = _collapsed(kind + r"\{[^{}=]*\}", rest)
    rest = _without(r"\bnamespace\s+[\w.]+\s*;", rest)
    return _is_blank(_collapsed(r"\bnamespace\s+[\w.]+\s*\{[\s;]*\}", rest))


def _is_dart_bare(text: str) -> bool:
    rest = _without(r"\b(?:library|import|export|part)\b[^;{}=()]*;", text)
    rest = _without(r"@[\w.]+(?:\([^(){}]*\))?", rest)
    rest = _without(r"\btypedef\s[^;{}]*;", rest)
    kind = r"\babstract\s+(?:(?:interface|base|final|mixin)\s+)?class\s+(\w+)\b[\w<>,?.\s]*"
    # A member of the class's own name is a constructor, which may run.
    return _is_blank(_collapsed(kind + r"\{(?:(?!\b\1\s*[.(])[^{}=])*\}", rest))


def _is_go_bare(text: str) -> bool:
    # Only bodies of functions are measured.
    return re.search(r"\bfunc\b", text) is None and re.match(r"\s*package\s", text) is not None


def _is_rust_bare(text: str) -> bool:
    rest = _collapsed(r"#!?\[[^\[\]{}]*\]", text, " ")
    # Nothing runs outside of functions, closures and macros; the length of an array has a
    # semicolon too, so a function that names one is none that surely ends here.
    rest = _without(r"\bfn\s+\w+[^{};|!\[]*;", rest)
    return re.search(r"\bfn\s+\w|\||\w\s*!|[#\"]", rest) is None


def _is_plus_bare(text: str) -> bool:
    rest = _collapsed(r"\btemplate\s*<[^<>{}()=]*>", _without_preprocessor(text), " ")
    rest = _without(r"(\)[\w\s]*)=\s*(?:0|delete)\s*;", rest, r"\1;")
    # Behind a class may stand the name of an object, which is made when the program begins.
    rest = _without_types(rest, "struct;")
    rest = _collapsed(r"\bnamespace\b[\w\s:]*\{([^{}]*)\}", rest, r";\1;")
    return all(_is_c_declaration(part, is_plus=True) for part in rest.split(";"))


def _is_c_bare(text: str) -> bool:
    rest = _without_preprocessor(text)
    words = r"::|\b(?:class|namespace|template|typename|public|virtual|using|constexpr|operator)\b"
    if re.search(words, rest):
        return _is_plus_bare(text)
    rest = _without_types(rest, "struct")
    return all(_is_c_declaration(part, is_plus=False) for part in rest.split(";"))


def _without_preprocessor(text: str) -> str:
    return _without(r"(?m)^[ \t]*#[^\n]*$", text.replace("\\\n", " "))


def _without_types(text: str, by: str) -> str:
    """The text without bodies of types, and of what is linked as C."""
    rest = _collapsed(r"(\benum\b[\w\s:]*)\{[^{};]*\}", text, r"\1")
    rest = _collapsed(r"\b(?:struct|union|class)\b[\w\s:,<>]*\{[^{}=]*\}", rest, by)
    return _collapsed(rf"\bextern\s+{_BLANK}\s*\{{([^{{}}]*)\}}", rest, r";\1;")


def _is_c_declaration(statement: str, *, is_plus: bool) -> bool:
    """Whether nothing runs in a statement outside of functions.

    In C++ a pair of parentheses may hold what an object is made of, and a macro may stand for
    anything, so a parameter must show that it is one; and an object may be made of a literal.
    """
    text = " ".join(statement.split())
    constant = (
        rf"(?:(?:static|inline|extern|constexpr|{_BUILT_IN})[ *]+)+" if is_plus else r"[\w *]*"
    )
    plain = (
        r"typedef [^={}]*",
        r"(?:extern|enum)\b[\w *,:\[\]<>]*",
        r"(?:struct|union|class)(?: [\w:]+)?" if is_plus else r"(?:struct|union)\b[\w *,\[\]]*",
        rf"{constant}\b\w[\w\[\]]* ?= ?{_LITERAL}",
        r"using [^={}()]+(?:=[^={}]+)?" if is_plus else "",
    )
    if any(re.fullmatch(pattern, text) for pattern in plain) or not text:
        return True
    found = re.fullmatch(r"([\w:<>,*& ]+[ *&])[\w:]+ ?\(([^={}]*)\)([\w ]*)", text)
    if found is None:
        return False
    kind, parameters, behind = found.groups()
    if re.search(r"\bvoid $", kind) or "const" in behind:
        return True
    return all(_is_parameter(one.strip(), is_plus=is_plus) for one in parameters.split(","))


def _is_parameter(text: str, *, is_plus: bool) -> bool:
    """Whether a parameter can be no value: it is a type of the language, or two words in a row."""
    between = " " if is_plus else r"[ *]+"  # of C++, `a *b` may be a product
    words = rf"(?:{_BUILT_IN}|struct|auto)\b|\w[\w:]*{between}\w|\.\.\.$"
    return not text or re.match(words, text) is not None
