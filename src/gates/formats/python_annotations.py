"""Explicit `Any` and functions without types, counted in a source's syntax tree.

For type checkers that do not report them by themselves. What counts follows mypy's
`--disallow-any-explicit` and `--disallow-untyped-defs`: a use of `typing.Any` under whatever name
it was imported or assigned, also within a quoted type or a type comment; and a function of which a
parameter (but `self` and `cls`) or the return lacks an annotation, where `__init__` needs no return
and a lambda needs nothing. Which scope a name belongs to is not asked: a file that imports `Any`
means it everywhere. In a type, `Any` of any module counts, since a module may hand it on; but for
a class of that name that the project defines itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable

_MODULES = frozenset({"typing", "typing_extensions"})
_ANY = "Any"
_OTHERS = frozenset({"google.protobuf.any_pb2"})
"""Modules of others that are known for a class of that name."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = (ast.stmt, ast.ExceptHandler, ast.match_case)
_CLASS = re.compile(rb"^[ \t]*class[\s\\]+Any\b", re.MULTILINE)
_RENAMED = re.compile(rb"\bAny[\s\\]+as[\s\\]+(\w+)")
_TYPE_COMMENT = re.compile(r"#\s*type:(?!\s*ignore\b)\s*(.*)")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One observation in a source.

    Attributes:
        line: 1-based.
        column: 1-based.
        text: what stands there, in a few words.
    """

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """What a source's annotations lack or give away.

    Attributes:
        anys: each use of `Any`, as it is written.
        untyped: each function that is not fully typed, with what lacks a type.
    """

    anys: tuple[Place, ...] = ()
    untyped: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What a project's files do with the name `Any`.

    Attributes:
        classes: modules, dotted from the project's folder, that define a class of that name.
        names: the names under which a file may import it from another.
    """

    classes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset({_ANY})

    def defines(self, module: str) -> bool:
        """Whether a module, as it is imported, may be one with a class of that name."""
        known = any(f".{one}".endswith(f".{module}") for one in self.classes)
        return bool(module) and (known or module in _OTHERS)


def project(files: Iterator[tuple[str, bytes]]) -> Project:
    """Look through a project's Python files, each a relative path and its bytes."""
    classes: set[str] = set()
    names = {_ANY}
    for path, data in files:
        if _CLASS.search(data):
            module = path.removesuffix(".pyi").removesuffix(".py").removesuffix("/__init__")
            classes.add(module.replace("/", "."))
        names |= {one.decode("utf-8", "replace") for one in _RENAMED.findall(data)}
    return Project(classes=frozenset(classes), names=frozenset(names))


ALONE = Project()
"""A file of which nothing else is known."""


def read(data: bytes, *, name: str, among: Project = ALONE) -> Annotations:
    """Read a Python file.

    Args:
        data: the file.
        name: its path, for the message.
        among: what the other files do with the name `Any`.

    Raises:
        OutputUnreadable: it is not Python, or newer than the Python that runs this.
    """
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the source; they are its linter's to tell
            tree = ast.parse(data)
            names = _Names.of(tree, among)
            likely = _Names.of(tree, among, modules=None)
            uses = (*_uses(tree, names, likely), *_commented(data, likely))
            lacks = [_lack(*one) for one in _functions(tree, in_class=False)]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _unreadable(name, error) from None
    return Annotations(
        anys=tuple(sorted(uses)),
        untyped=tuple(sorted(place for place in lacks if place is not None)),
    )


def _unreadable(name: str, error: BaseException) -> OutputUnreadable:
    from platform import python_version

    line = (error.lineno or 0) if isinstance(error, SyntaxError) else 0
    told = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
    return OutputUnreadable(
        "file-unreadable",
        f"`{name}` could not be read as Python: {told}",
        hint=f"mend it, leave it out of `sources`, or run gates by a Python that knows its syntax;"
        f" this is {python_version()}",
        place=f"{name}:{line}" if line else name,
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """Under which names a file knows `Any`, and the modules that hold it."""

    anys: frozenset[str]
    modules: frozenset[str]
    attributes: frozenset[str]

    @classmethod
    def of(
        cls, tree: ast.Module, among: Project, *, modules: frozenset[str] | None = _MODULES
    ) -> _Names:
        """What is imported from these modules, or, where they are None, from any."""
        anys: set[str] = set()
        holders: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                # `import typing.io` binds `typing` too.
                holders |= {
                    one.asname or one.name.partition(".")[0]
                    for one in node.names
                    if modules is None or one.name.partition(".")[0] in modules
                    if not among.defines(one.name)
                }
            elif isinstance(node, ast.ImportFrom) and not among.defines(node.module or ""):
                # A module of the project that hands `Any` on is taken at its word.
                if modules is None or node.level or node.module in modules:
                    anys |= {
                        one.asname or one.name for one in node.names if one.name in among.names
                    }
                if modules is None:
                    holders |= _bound(node, among)
                if any(one.name == "*" for one in node.names) and (
                    modules is None or node.module in modules
                ):
                    anys |= {_ANY} if modules else among.names
        attributes = among.names if modules is None else frozenset({_ANY})
        names = cls(frozenset(anys), frozenset(holders), attributes)
        return names.with_aliases(tree) if anys or holders else names

    def is_any(self, node: ast.AST | None) -> bool:
        """Whether an expression is `Any` itself, and not only holds it."""
        if isinstance(node, ast.Name):
            return node.id in self.anys
        if not isinstance(node, ast.Attribute) or node.attr not in self.attributes:
            return False
        inner: ast.expr = node.value
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        return isinstance(inner, ast.Name) and inner.id in self.modules

    def with_aliases(self, tree: ast.Module) -> _Names:
        """Add what is assigned from the names that are known (`Json = Any`), again and again."""
        assigned = [pair for node in ast.walk(tree) for pair in _assigned(node)]
        names = self
        while True:
            anys = {target for target, value in assigned if names.is_any(value)}
            modules = {
                target
                for target, value in assigned
                if isinstance(value, ast.Name) and value.id in names.modules
            }
            grown = _Names(names.anys | anys, names.modules | modules, names.attributes)
            if grown == names:
                return names
            names = grown


def _bound(node: ast.ImportFrom, among: Project) -> set[str]:
    """The names that may be modules: of packages, `from . import types`."""
    return {
        one.asname or one.name
        for one in node.names
        if not among.defines(f"{node.module}.{one.name}" if node.module else one.name)
    }


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Assign):
        yield from ((one.id, node.value) for one in node.targets if isinstance(one, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
        yield node.target.id, node.value
    elif type(node).__name__ == "TypeAlias":  # `type Json = Any`, from Python 3.12 on
        target, value = getattr(node, "name", None), getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.AST):
            yield target.id, value


def _uses(tree: ast.Module, names: _Names, likely: _Names) -> Iterator[Place]:
    """The uses of `Any`; what is likely to be it counts within types."""
    if not likely.anys and not likely.modules:
        return
    for node in ast.walk(tree):
        if names.is_any(node) and isinstance(getattr(node, "ctx", None), ast.Load):
            yield _place(node, ast.unparse(node))
        for kind in _types(node):
            for part in _parts(kind):
                if likely.is_any(part) and not names.is_any(part):
                    yield _place(part, ast.unparse(part))
                elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield from (_place(part, one) for one in _in_text(part.value, likely))


def _types(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions right in a node that stand for types, in which a text is a quoted type."""
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
        yield node.annotation
        if isinstance(node, ast.AnnAssign) and node.value and _named(node.annotation, "TypeAlias"):
            yield node.value
    elif isinstance(node, _FUNCTIONS) and node.returns:
        yield node.returns
    elif isinstance(node, ast.ClassDef):
        yield from node.bases
    elif isinstance(node, ast.Call) and _named(node.func, "cast"):
        yield from node.args[:1]
    elif isinstance(node, ast.Call) and _named(node.func, "TypeVar", "NewType"):
        yield from (*node.args[1:], *(word.value for word in node.keywords))


def _named(node: ast.expr, *names: str) -> bool:
    plain = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return plain in names


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """What stands for types in a type: nothing in `Literal`, the first only in `Annotated`."""
    yield node
    if isinstance(node, ast.Subscript) and _named(node.value, "Literal"):
        return
    if isinstance(node, ast.Subscript) and _named(node.value, "Annotated"):
        yield from _parts(node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _parts(child)


def _in_text(text: object, names: _Names) -> Iterator[str]:
    """The uses of `Any` in a quoted type, as they are written."""
    try:
        tree = ast.parse(str(text).strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return  # the type checker's to tell
    for node in _parts(tree):
        if names.is_any(node):
            yield ast.unparse(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _in_text(node.value, names)


def _commented(data: bytes, names: _Names) -> Iterator[Place]:
    """The uses of `Any` in type comments (`x = f()  # type: Any`)."""
    if (not names.anys and not names.modules) or not re.search(rb"#\s*type:(?!\s*ignore\b)", data):
        return
    import io
    import tokenize

    words = [re.escape(name) for name in names.anys]
    words += [re.escape(f"{name}.{one}") for name in names.modules for one in names.attributes]
    pattern = re.compile(rf"(?<![\w.])(?:{'|'.join(words)})(?!\w)")
    for token in tokenize.tokenize(io.BytesIO(data).readline):
        comment = _TYPE_COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if comment is not None:
            for found in pattern.finditer(comment[1]):
                column = token.start[1] + comment.start(1) + found.start() + 1
                yield Place(token.start[0], column, found[0])


def _functions(
    node: ast.AST, *, in_class: bool
) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, bool]]:
    """Each function below a node, and whether it stands right in a class."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _FUNCTIONS):
            yield child, in_class
            yield from _functions(child, in_class=False)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, in_class=True)
        elif isinstance(child, _BLOCKS):  # never into expressions, which may be very deep
            yield from _functions(child, in_class=in_class)


def _lack(function: ast.FunctionDef | ast.AsyncFunctionDef, in_class: bool) -> Place | None:  # noqa: FBT001 - a pair from `_functions`
    """Where a function is, and what of it has no type; None where all has."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    if in_class and not any(_named(one, "staticmethod") for one in function.decorator_list):
        plain = plain[1:]
    lacking = [f"`{one.arg}`" for one in (*plain, *arguments.kwonlyargs) if not one.annotation]
    for stars, rest in (("*", arguments.vararg), ("**", arguments.kwarg)):
        if rest is not None and rest.annotation is None:
            lacking.append(f"`{stars}{rest.arg}`")
    if function.returns is None and not (in_class and function.name == "__init__"):
        lacking.append("the return")
    if not lacking:
        return None
    return _place(function, f"`{function.name}` is not fully typed: {', '.join(lacking)}")


def _place(node: ast.AST, text: str) -> Place:
    return Place(getattr(node, "lineno", 0), getattr(node, "col_offset", 0) + 1, text)
