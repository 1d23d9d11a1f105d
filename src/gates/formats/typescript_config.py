"""What `tsc --showConfig` says of a project, and where it is less than strict mode.

It prints the options as they are after all `extends`, those that the project sets; TypeScript 5
adds the ones that follow from them, and later versions add few. What `strict` stands for:
https://www.typescriptlang.org/tsconfig/#strict
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.formats.strict_json import Value

STRICT = (
    "alwaysStrict",
    "noImplicitAny",
    "noImplicitThis",
    "strictBindCallApply",
    "strictBuiltinIteratorReturn",
    "strictFunctionTypes",
    "strictNullChecks",
    "strictPropertyInitialization",
    "useUnknownInCatchVariables",
)
"""What `strict` switches on."""

NEVER = (
    "keyofStringsOnly",
    "noStrictGenericChecks",
    "suppressExcessPropertyErrors",
    "suppressImplicitAnyIndexErrors",
)
"""Options of versions before 6 that take a part of strict mode away."""

NOT_SET = "`strict` is not on"
"""What is said where nothing of strict mode is asked for."""

STRICT_BY_DEFAULT = 6
"""The first major version in which strict mode is on where nothing is said."""

TYPESCRIPT = (".ts", ".tsx", ".mts", ".cts")
JAVASCRIPT = (".js", ".jsx", ".mjs", ".cjs")
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeScriptConfig:
    """A project's options of the compiler.

    Attributes:
        major: major version of the compiler; 0 where unknown.
        flags: options that are on or off.
        roots: the files that it names or includes, relative to its folder, as it writes them.
        has_references: it names other projects.
    """

    major: int
    flags: Mapping[str, bool]
    roots: tuple[str, ...]
    has_references: bool

    def laxities(self) -> tuple[str, ...]:
        """Say where it is less than strict mode; empty where it is strict."""
        return tuple(self._laxities())

    def passes_over(self, path: str) -> str:
        """Why the compiler does not check a file that it reads; empty where it checks it."""
        if path.endswith(_DECLARATIONS):
            for name in ("skipLibCheck", "skipDefaultLibCheck"):
                if self.flags.get(name, False):
                    return f"`{name}` leaves declarations unchecked"
        if path.endswith(JAVASCRIPT) and not self.flags.get("checkJs", False):
            return "`checkJs` is not on"
        return ""

    def refuse_unchecking(self) -> None:
        """Refuse options under which nothing is checked.

        Raises:
            StageError: `noCheck` is on.
        """
        if self.flags.get("noCheck", False):
            raise StageError(
                "nothing-checked",
                "`noCheck` is on, so tsc checks no types",
                hint="take `noCheck` out of the configuration, or give the gate a `project` of its"
                " own without it",
                place="tsconfig.json",
            )

    def _laxities(self) -> Iterator[str]:
        strict = self.flags.get("strict", self.major >= STRICT_BY_DEFAULT)
        off = [name for name in STRICT if not self.flags.get(name, strict)]
        if len(off) == len(STRICT) or (off and not strict):
            yield NOT_SET
        else:
            yield from (f"`{name}` is off" for name in off)
        yield from (f"`{name}` is on" for name in NEVER if self.flags.get(name, False))


def parse(document: Value, *, version: str) -> TypeScriptConfig:
    """Read what `--showConfig` printed.

    Args:
        document: the JSON.
        version: of the compiler; it decides what holds where nothing is said.

    Raises:
        OutputUnreadable: not what tsc prints.
    """
    options = document.member("compilerOptions")
    files = document.find("files")
    references = document.find("references")
    major = version.partition(".")[0]
    return TypeScriptConfig(
        major=int(major) if major.isdigit() else 0,
        flags={
            name: value.flag() for name, value in options.entries() if isinstance(value.raw, bool)
        },
        roots=tuple(each.text() for each in files.items()) if files is not None else (),
        has_references=references is not None and bool(references.array()),
    )
