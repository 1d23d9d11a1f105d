"""`import-linter`: contracts about imports, held by import-linter on the project's packages."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, field

from gates.formats import import_linter_config, import_linter_text
from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_text import Breach
from gates.formats.tool_paths import Tree, some
from gates.plugin import (
    Completed,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    MetricSpec,
    Options,
    OutputUnreadable,
    Severity,
    Stage,
    StageError,
    StageResult,
    Unit,
    count,
)
from gates.toolkit.files import write_atomic

REPORT = "lint-imports.txt"

ENVIRONMENT = {"COLUMNS": "100000", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
"""Its lines are broken at the width of the terminal, and hold signs that no ASCII knows."""

SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLinterOptions(Options):
    """Options of `import-linter`."""

    config: str = field(
        default="",
        metadata={"help": "its configuration file; else as import-linter finds it"},
    )


class ImportLinter(Stage[ImportLinterOptions]):
    """Architecture: contracts about which package may import which."""

    uses = "import-linter"
    title = "architecture"
    options_type = ImportLinterOptions
    metrics = (
        MetricSpec(
            name="broken",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="broken contracts",
            noun="broken contracts",
        ),
        MetricSpec(
            name="kept",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="contracts that are kept",
            noun="contracts",
        ),
    )
    defaults = (Default(text="broken == 0"),)
    criteria = ("L1-ARCH",)
    examines = "files"
    errored_when = (
        "there is no contract, or a contract was not checked",
        "a root package is none of the project's, or holds no source",
        "fewer files were analysed than the root packages hold",
        "a file could not be parsed, or the configuration could not be understood",
        "the exit code, the sum and the results contradict each other",
    )
    programs = ("lint-imports",)

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, and whatever configures import-linter."""
        own = (self.options.config,) if self.options.config else ()
        return ctx.files("**/*.py", *import_linter_config.NAMES, *own)

    def run(self, ctx: Context) -> StageResult:
        """Check all contracts on the packages as they lie in the project, without a cache."""
        config = self._config(ctx)
        tree = Tree(
            roots=(str(ctx.root), os.path.realpath(ctx.root)),
            files=frozenset(ctx.files("**/*.py")),
            sources=frozenset(ctx.sources(".py").files),
        )
        places = places_of(config, tree)
        # Else an installed copy of the package would be analysed, and not the one that is judged.
        paths = {f"{ctx.root}/{place}" for place in places.values() if place}
        path = {"PYTHONPATH": os.pathsep.join(sorted(paths))} if paths else {}
        done = ctx.run(
            ctx.tool("lint-imports"),
            "--no-cache",
            f"--config={config.name}",
            ok=(0, 1),
            env=ENVIRONMENT | path,
        )
        if done.stdout:
            report = ctx.out / REPORT
            write_atomic(report, done.stdout)
            ctx.report(report)
        return parse(done, tree, config=config, places=places)

    def _config(self, ctx: Context) -> ImportLinterConfig:
        """The configuration that import-linter will read; at least one contract stands in it."""
        names = (self.options.config,) if self.options.config else import_linter_config.NAMES
        files = [(name, ctx.root / name) for name in names if (ctx.root / name).is_file()]
        read = (import_linter_config.parse(path.read_bytes(), name=name) for name, path in files)
        config = next((one for one in read if one is not None), None)
        if config is None:
            raise StageError(
                "no-contract",
                f"there is no configuration of import-linter in {some(names)}",
                hint="write root package and contracts into pyproject.toml: [tool.importlinter]",
            )
        if not config.contracts:
            raise StageError(
                "no-contract",
                f"`{config.name}` holds no contract of import-linter",
                hint="a contract stands in [[tool.importlinter.contracts]] of pyproject.toml,"
                " or in [importlinter:contract:NAME] of an INI file",
                place=config.name,
            )
        return config


def places_of(config: ImportLinterConfig, tree: Tree) -> dict[str, str]:
    """The folder in which each root package lies, as import-linter will find it; empty for ours.

    Raises:
        StageError: one lies nowhere in the project, or there is none.
    """
    if not config.roots:
        summary = f"`{config.name}` names no root package"
        raise StageError("no-root-package", summary, hint="see `root_package`", place=config.name)
    places = {}
    for root in config.roots:
        inside = root.replace(".", "/")
        found = {
            path[: -len(ending)].rstrip("/")
            for ending in (f"{inside}/__init__.py", f"{inside}.py")
            for path in tree.files
            if f"/{path}".endswith(f"/{ending}")
        } or {
            # A namespace package: a folder of that name with Python files below it.
            path[: at - 1] if at else ""
            for path in tree.files
            if (at := f"/{path}".find(f"/{inside}/")) >= 0
        }
        if not found:
            raise StageError(
                "root-package-missing",
                f"`{root}`, a root package of `{config.name}`, is no package of the project",
                hint="correct `root_package`; files that git ignores do not count",
                place=config.name,
            )
        holding = {place: _below(tree.sources, place, inside) for place in found}
        places[root] = min(found, key=lambda place: (place != "", not holding[place], place))
    return places


def parse(
    done: Completed, tree: Tree, *, config: ImportLinterConfig, places: dict[str, str]
) -> StageResult:
    """Read what import-linter printed.

    Args:
        done: the run; exit code 0 or 1.
        tree: the project's Python files.
        config: the configuration that was read.
        places: the folder in which each root package lies.

    Raises:
        OutputUnreadable: the results, the exit code and the configuration do not tell one story.
        StageError: import-linter could not check, or did not look at the sources.
    """
    outcome = import_linter_text.parse(done.stdout)
    if outcome is None:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        told = import_linter_text.last_words(done.stdout) or last[:300] or "nothing"
        hint = "mend what it names, or its configuration"
        summary = f"import-linter could not check the contracts; it says: {told}"
        raise StageError("not-checked", summary, hint=hint, place="import-linter")
    broken = [name for name, kept in zip(config.contracts, outcome.kept, strict=False) if not kept]
    if len(outcome.kept) != len(config.contracts) or (done.exit_code == 1) != bool(broken):
        summary = (
            f"import-linter ended with exit code {done.exit_code} and {len(broken)} broken of"
            f" {len(outcome.kept)} contracts, where `{config.name}` holds {len(config.contracts)}"
        )
        raise OutputUnreadable("contradiction", summary, place="import-linter")
    inside = frozenset(
        path
        for root, place in places.items()
        for path in _below(tree.files, place, root.replace(".", "/"))
    )
    covered = tree.sources & inside
    if not covered:
        raise StageError("nothing-examined", "no source lies in import-linter's root packages")
    tops = frozenset(posixpath.join(place, one.replace(".", "/")) for one, place in places.items())
    certain = _certain(inside, tops)
    if outcome.files < max(len(certain), 1):
        summary = f"import-linter analysed {outcome.files} files; its packages hold {len(certain)}"
        hint = "is another copy of the package installed?"
        raise OutputUnreadable("contradiction", summary, hint=hint, place="import-linter")
    pairs = zip(broken, outcome.breaches, strict=True)
    findings = tuple(one for name, found in pairs for one in _findings(name, found, tree, places))
    return StageResult(
        metrics=(count("broken", len(broken)), count("kept", len(outcome.kept) - len(broken))),
        examined=Examined(
            # Packages that are imported from elsewhere may stand in its number too.
            count=min(outcome.files, len(inside)),
            unit="files",
            excluded=len(tree.files - inside),
            details=(("contracts", len(outcome.kept)),),
        ),
        findings=findings,
        tool=done.tool,
        notes=_notes(outcome.warnings, tree.sources - covered),
    )


def _below(paths: frozenset[str], place: str, inside: str) -> frozenset[str]:
    """Those of the paths that belong to a package or module of that name in that folder."""
    start = posixpath.join(place, inside)
    return frozenset(one for one in paths if one.startswith(f"{start}/") or one == f"{start}.py")


def _certain(paths: frozenset[str], tops: frozenset[str]) -> frozenset[str]:
    """The modules that import-linter cannot fail to see: each folder above them is a package.

    Args:
        paths: the files.
        tops: the folders of the root packages.
    """
    packages = {posixpath.dirname(path) for path in paths if path.endswith("/__init__.py")}
    seen: set[str] = set()
    for folder in sorted(packages):  # a folder comes before those in it
        parent, name = posixpath.split(folder)
        if folder in tops or (parent in seen and name.isidentifier()):
            seen.add(folder)
    modules = {path.removesuffix("/__init__.py").removesuffix(".py"): path for path in paths}
    return frozenset(
        module
        for module, path in modules.items()
        if posixpath.dirname(path) in seen and posixpath.basename(module).isidentifier()
    )


def _findings(
    name: str, breaches: tuple[Breach, ...], tree: Tree, places: dict[str, str]
) -> tuple[Finding, ...]:
    """The broken contract at its first import, which counts, and each further import for show."""
    plain = " ".join(name.split())
    shown = breaches or (Breach("import-linter does not say by what", "", 0),)
    more = f" ({len(shown)} imports break it)" if len(shown) > 1 else ""
    found = []
    for number, one in enumerate(shown):
        path = _file(one.module, tree, places)
        found.append(
            Finding(
                rule="broken-contract" if number == 0 else "forbidden-import",
                severity=Severity.HIGH if number == 0 else Severity.INFO,
                message=f"`{plain}` is broken: {one.text}{more if number == 0 else ''}",
                path=path,
                line=one.line if path else 0,
                subject=plain,
                counts=("broken",) if number == 0 else (),
            )
        )
    return tuple(found)


def _file(module: str, tree: Tree, places: dict[str, str]) -> str:
    """The file of a module, or empty where it is none of the project's."""
    inside = module.replace(".", "/")
    paths = (
        posixpath.join(place, f"{inside}{ending}")
        for root, place in places.items()
        if module == root or module.startswith(f"{root}.")
        for ending in (".py", "/__init__.py")
    )
    return next((path for path in paths if path in tree.files), "")


def _notes(warnings: tuple[str, ...], outside: frozenset[str]) -> tuple[str, ...]:
    notes = [f"import-linter says: {one}" for one in warnings[:SHOWN]]
    if len(warnings) > SHOWN:
        notes.append(f"import-linter says {len(warnings) - SHOWN} more such things")
    if outside:
        notes.append(f"not checked, outside of the root packages: {some(outside)}")
    return tuple(notes)
