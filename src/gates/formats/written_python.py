"""The tests that a Python file defines, and what in it keeps tests from running."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial

from gates.formats.suppressions import decoded
from gates.formats.written_tests import Skip, WrittenTest, WrittenTests, by_marks

_SKIPPING = frozenset(
    {
        "SkipTest", "expectedFailure", "importorskip", "skipIf", "skipTest", "skipUnless", "skipif",
        "skipIfDBFeature", "skipUnlessDBFeature", "xfail",
    }
)  # fmt: skip
_COMMON = frozenset({"exit", "skip"})
"""Words that skip where their owner is a runner."""

_RUNNERS = ("pytest", "unittest")
_OWNER = "the runner"
_MAY_SKIP = re.compile(
    r"skip|xfail|expectedfailure|collect_ignore|__test__|\bexit\b", re.IGNORECASE
)
_IMPORTING = re.compile(
    r"\bimport\b[^\n]*\b(?:pytest|unittest)|\b(?:pytest|unittest)\b[^\n]*\bimport\b"
)
_ASSERTING = re.compile(r"assert|raises|expect|verify|should|warns|fail|check|match", re.IGNORECASE)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def read(data: bytes, path: str) -> WrittenTests:
    """The tests and skips of a file; whatever it holds.

    Args:
        data: the file.
        path: its name.
    """
    import warnings

    text = decoded(data)
    lines = text.split("\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
        functions = tuple(_functions(tree))
        skips = (*_emptied(functions, path, lines), *_skips(tree, path, lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return WrittenTests(skips=tuple(by_marks(text, path, _marks())), is_read=False)
    found = [_test(node, name, path, lines) for name, node in functions]
    last = {test.name: test for test in found}
    hidden = tuple(test.name for test in found if last[test.name] is not test)
    return WrittenTests(tests=tuple(last.values()), skips=skips, hidden=hidden)


def _functions(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    """The functions that runners collect, of a module and of its classes, in order."""
    waiting: list[tuple[str, Sequence[ast.AST]]] = [("", tree.body)]
    while waiting:
        prefix, nodes = waiting.pop(0)
        own: dict[int, tuple[str, _Function]] = {}
        for node in nodes:
            if isinstance(node, _Function):
                if node.name.startswith("test") and not _is_fixture(node):
                    own[id(node)] = node.name, node
            elif isinstance(node, ast.ClassDef):
                if _is_collected(node):
                    waiting.append((f"{prefix}{node.name} > ", node.body))
            elif isinstance(node, ast.If | ast.Try | ast.With | ast.ExceptHandler):
                waiting.append((prefix, _that_run(node)))
            else:
                bound = _bound(node)
                own = {key: each for key, each in own.items() if each[0] not in bound}
        yield from ((f"{prefix}{name}", node) for name, node in own.values())


def _is_fixture(node: _Function) -> bool:
    return any(
        _last_name(each.func if isinstance(each, ast.Call) else each) == "fixture"
        for each in node.decorator_list
    )


def _is_collected(node: ast.ClassDef) -> bool:
    """Whether runners look for tests in a class."""
    if node.bases:
        return True  # of a class that nobody sees here
    made = {each.name for each in node.body if isinstance(each, _Function)}
    return node.name.startswith("Test") and not made & {"__init__", "__new__"}


def _that_run(node: ast.AST) -> list[ast.AST]:
    """The nodes below a statement, without a branch that is never taken."""
    if isinstance(node, ast.If):
        is_off = isinstance(node.test, ast.Constant) and not node.test.value
        if is_off or _last_name(node.test) == "TYPE_CHECKING":
            return list(node.orelse)
    return list(ast.iter_child_nodes(node))


def _bound(node: ast.AST) -> set[str]:
    """Names that a statement gives another value, or takes away."""
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign | ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = (node.target,)
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _test(node: _Function, name: str, path: str, lines: list[str]) -> WrittenTest:
    text = _text(node, lines)
    # The text is kept and parsed anew where it is asked for: trees of all files are too large.
    return WrittenTest(
        name=name,
        path=path,
        line=node.lineno,
        text=text,
        read_body=partial(_body, text),
        count_asserts=partial(_asserts, text),
    )


def _text(node: _Function | ast.ClassDef, lines: list[str]) -> str:
    """A function or class as it is written, decorators included."""
    first = min((node.lineno, *(each.lineno for each in node.decorator_list)))
    return "\n".join(lines[first - 1 : node.end_lineno])


def _statements(text: str) -> list[ast.stmt]:
    """The statements of a function, by its text alone; none where that cannot be read so."""
    is_within = text[:1].isspace()
    try:
        found = ast.parse(f"if 1:\n{text}" if is_within else text).body[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    if isinstance(found, ast.If):
        found = found.body[0]
    return found.body if isinstance(found, _Function) else []


def _body(text: str) -> str:
    return "\n".join(map(ast.unparse, _statements(text))) or text


def _asserts(text: str) -> int:
    """The statements that can fail a test, up to where it surely ends."""
    count = 0
    for statement in _statements(text):
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Assert):
                count += not _is_always_true(inner.test)
            elif isinstance(inner, ast.Call):
                count += _ASSERTING.search(_last_name(inner.func)) is not None
        if _ends(statement):
            break
    return count


def _is_always_true(test: ast.expr) -> bool:
    """Whether what is asserted cannot fail: a constant, a filled tuple, or any of them beside."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(_is_always_true(each) for each in test.values)
    return isinstance(test, ast.Constant | ast.Tuple)


def _ends(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):
        is_on = isinstance(statement.test, ast.Constant) and bool(statement.test.value)
        return is_on and any(_ends(each) for each in statement.body)
    return isinstance(statement, ast.Return)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _emptied(
    functions: Sequence[tuple[str, _Function]], path: str, lines: list[str]
) -> Iterator[Skip]:
    """Tests that are given no case at all, which the runner skips."""
    for name, node in functions:
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and _last_name(call.func) == "parametrize":
                words = (word.value for word in call.keywords if word.arg == "argvalues")
                cases = next(iter((*call.args[1:2], *words)), None)
                if isinstance(cases, ast.List | ast.Tuple) and not cases.elts:
                    yield Skip(
                        rule="parametrize-empty", path=path, line=call.lineno,
                        text=" ".join(lines[call.lineno - 1].split()), about=name,
                        what=ast.unparse(call), has_reason=False,
                    )  # fmt: skip


def _skips(tree: ast.Module, path: str, lines: list[str]) -> Iterator[Skip]:
    # Python takes letters of another width for the plain ones.
    plain = unicodedata.normalize("NFKC", "\n".join(lines))
    if _MAY_SKIP.search(plain) is None:
        return  # most files
    nodes = list(_owned(tree, plain.split("\n")))
    imported = _imported(node for node, _ in nodes)
    calls = {id(node.func): node for node, _ in nodes if isinstance(node, ast.Call)}
    for node, about in nodes:
        rule = _skip_rule(node, imported)
        if rule and isinstance(node, ast.expr | ast.stmt):
            call = calls.get(id(node))
            yield Skip(
                rule=rule,
                path=path,
                line=node.lineno,
                text=" ".join(lines[node.lineno - 1].split()) if node.lineno <= len(lines) else "",
                about=about,
                what=_without_reason(call) if call is not None else ast.unparse(node),
                has_reason=call is not None and _gives_reason(call),
            )


def _owned(tree: ast.Module, lines: list[str]) -> Iterator[tuple[ast.AST, str]]:
    """All nodes that may skip, each with the name of the outermost function or class."""
    told = (
        ast.Attribute, ast.Name, ast.Call, ast.Assign, ast.AnnAssign, ast.Import, ast.ImportFrom,
    )  # fmt: skip
    for top in tree.body:
        name = ""
        if isinstance(top, _Function | ast.ClassDef):
            name, text = top.name, _text(top, lines)
            if _MAY_SKIP.search(text) is None and _IMPORTING.search(text) is None:
                continue
        for node in ast.walk(top):
            if isinstance(node, told):
                yield node, name


def _skip_rule(node: ast.AST, imported: dict[str, str]) -> str:
    """What a node is called that skips tests; empty for any other."""
    if isinstance(node, ast.Attribute):
        # These two are common words, so their owner must be the runner.
        is_owned = (
            imported.get(_last_name(node.value)) == _OWNER or _last_name(node.value) == "mark"
        )
        if node.attr in _COMMON:
            return node.attr if is_owned else ""
        return node.attr if node.attr in _SKIPPING else ""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        rule = imported.get(node.id, "")
        return "" if rule == _OWNER else rule
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = {_last_name(target) for target in targets}
        if names & {"collect_ignore", "collect_ignore_glob"}:
            return "collect-ignore"
        is_false = isinstance(node.value, ast.Constant) and not node.value.value
        return "not-a-test" if "__test__" in names and is_false else ""
    return ""


def _imported(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Names of a module that skip tests, and those of the runners themselves."""
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] in _RUNNERS:
                    names[alias.asname or alias.name] = _OWNER
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_RUNNERS):
            for alias in node.names:
                if alias.name in _SKIPPING | _COMMON:
                    names[alias.asname or alias.name] = alias.name
    return names


def _without_reason(call: ast.Call) -> str:
    words = [ast.unparse(word) for word in call.keywords if word.arg not in {"reason", "msg"}]
    args = [
        ast.unparse(arg)
        for arg in call.args
        if not (isinstance(arg, ast.Constant) and " " in str(arg.value))
    ]
    return f"{ast.unparse(call.func)}({', '.join((*args, *words))})"


def _gives_reason(call: ast.Call) -> bool:
    texts = [*call.args, *(word.value for word in call.keywords if word.arg in {"reason", "msg"})]
    return any(
        isinstance(text, ast.Constant) and isinstance(text.value, str) and " " in text.value.strip()
        for text in texts
    )


@lru_cache(1)
def _marks() -> re.Pattern[str]:
    return re.compile(
        r"\b(?P<rule>skipif|skipIf|skipUnless|xfail|importorskip|skipTest|SkipTest|expectedFailure"
        r"|collect_ignore)\b|\b(?:mark|pytest|unittest)\.(?P<other>skip)\b"
    )
