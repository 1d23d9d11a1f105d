"""`import-linter`: contracts about imports, held by import-linter on the project's packages."""

from __future__ import annotations

import os
import posixpath
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.formats import (
    import_linter_config,
    import_linter_contracts,
    import_linter_modules,
    import_linter_places,
    import_linter_text,
)
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
from gates.toolkit import import_search
from gates.toolkit.files import write_atomic

REPORT = "lint-imports.txt"

ENVIRONMENT = {"COLUMNS": "100000", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
"""Its lines are broken at the width of the terminal, and hold signs that no ASCII knows."""

OWN = frozenset(
    {"click", "grimp", "importlinter", "markdown_it", "mdurl", "pygments", "rich", "tomli"}
)
"""What import-linter imports for itself, before the checkout is in its path."""

STARTED = ("sitecustomize", "usercustomize")
"""What Python runs by itself at its start, wherever it finds it."""

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
        "a root package is none of the project's, is hidden by another copy, or holds no source",
        "fewer files were analysed than the root packages hold, or a source in them was not",
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
        places = import_linter_places.places_of(config, tree)
        tool = ctx.tool("lint-imports")
        # Else an installed copy of the package would be analysed, and not the one that is judged.
        paths = searched(str(ctx.root), places, tool=tool.path)
        path = {"PYTHONPATH": os.pathsep.join(paths)} if paths else {}
        done = ctx.run(
            tool,
            "--no-cache",
            f"--config={config.name}",
            ok=(0, 1),
            env=ENVIRONMENT | path,
        )
        if done.stdout:
            report = ctx.out / REPORT
            write_atomic(report, done.stdout)
            ctx.report(report)
        return parse(done, tree, config=config, places=places, hidden=_hidden(paths))

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


def searched(root: str, places: Mapping[str, str], *, tool: str) -> tuple[str, ...]:
    """The folders to put before all others, so that each root package is found at its place.

    Args:
        root: the absolute folder of the project.
        places: the folder in which each root package lies.
        tool: the path of `lint-imports`.

    Raises:
        StageError: another copy would be analysed, or Python would run a file of the project.
    """
    # It looks into the folder in which it runs, into its own, and then where it is told to.
    before = (Path(root), Path(os.path.realpath(tool)).parent)
    paths = import_search.ordered({one: Path(root, places[one]) for one in places}, before)
    known = OWN | sys.stdlib_module_names
    if paths is None or any(not places[one] and one.partition(".")[0] in known for one in places):
        shown = some([posixpath.join(places[one], one) for one in places])
        raise StageError(
            "root-package-hidden",
            f"import-linter would not find each of {shown} there: another package of that name goes"
            " before it in Python's path",
            hint="is there a copy of it that git ignores, or a second one? move or remove that",
            place="import-linter",
        )
    for path in paths:
        found = next((name for name in STARTED if import_search.holds(name, path)), "")
        if found:
            place = os.path.relpath(path, root)
            raise StageError(
                "runs-the-project",
                f"Python would run `{found}` in `{place}` before import-linter",
                hint="move it out of the folder of the root packages",
                place=place,
            )
    return tuple(map(str, paths))


def _hidden(paths: tuple[str, ...]) -> tuple[str, ...]:
    """What import-linter imports for itself, and would find in these folders first."""
    return tuple(
        name for name in sorted(OWN) if any(import_search.holds(name, Path(one)) for one in paths)
    )


def parse(
    done: Completed,
    tree: Tree,
    *,
    config: ImportLinterConfig,
    places: dict[str, str],
    hidden: tuple[str, ...] = (),
) -> StageResult:
    """Read what import-linter printed.

    Args:
        done: the run; exit code 0 or 1.
        tree: the project's Python files.
        config: the configuration that was read.
        places: the folder in which each root package lies.
        hidden: packages of import-linter's own that the project's go before.

    Raises:
        OutputUnreadable: the results, the exit code and the configuration do not tell one story.
        StageError: import-linter could not check, or did not look at the sources.
    """
    outcome = import_linter_text.parse(done.stdout)
    if outcome is None:
        raise _not_checked(done, hidden)
    broken = [name for name, kept in zip(config.contracts, outcome.kept, strict=False) if not kept]
    if len(outcome.kept) != len(config.contracts) or (done.exit_code == 1) != bool(broken):
        summary = (
            f"import-linter ended with exit code {done.exit_code} and {len(broken)} broken of"
            f" {len(outcome.kept)} contracts, where `{config.name}` holds {len(config.contracts)}"
        )
        raise OutputUnreadable("contradiction", summary, place="import-linter")
    analysed = _analysed(tree, places)
    certain = import_linter_modules.certain(analysed, places)
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
            count=min(outcome.files, len(analysed)),
            unit="files",
            excluded=len(tree.files - analysed),
            details=(("contracts", len(outcome.kept)),),
        ),
        findings=findings,
        tool=done.tool,
        notes=(
            *_notes(outcome.warnings, tree, analysed, places),
            *import_linter_contracts.remarks(config, import_linter_modules.names(analysed, places)),
            *(f"import-linter ran with the project's own `{name}`" for name in hidden),
        ),
    )


def _not_checked(done: Completed, hidden: tuple[str, ...]) -> StageError:
    last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    told = import_linter_text.last_words(done.stdout) or last[:300] or "nothing"
    hint = "mend what it names, or its configuration"
    if hidden:
        hint = (
            f"the project's {some(hidden)} may be in the way: import-linter needs the package of"
            " that name for itself"
        )
    summary = f"import-linter could not check the contracts; it says: {told}"
    return StageError("not-checked", summary, hint=hint, place="import-linter")


def _inside(paths: frozenset[str], places: Mapping[str, str]) -> frozenset[str]:
    return frozenset(
        path
        for root, place in places.items()
        for path in import_linter_modules.below(paths, place, root)
    )


def _analysed(tree: Tree, places: Mapping[str, str]) -> frozenset[str]:
    """The files that import-linter sees; all sources of the root packages are among them."""
    covered = _inside(tree.sources, places)
    if not covered:
        raise StageError("nothing-examined", "no source lies in import-linter's root packages")
    analysed = import_linter_modules.analysed(tree.files, places)
    missed = covered - analysed
    if missed:
        raise StageError(
            "source-not-analysed",
            f"import-linter passes over sources of the root packages: {some(missed)}",
            hint="each folder in a package needs an `__init__.py`, and a name that can be imported;"
            " or leave them out of `sources`",
            place=min(missed),
        )
    return analysed


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


def _notes(
    warnings: tuple[str, ...], tree: Tree, analysed: frozenset[str], places: Mapping[str, str]
) -> tuple[str, ...]:
    notes = [f"import-linter says: {one}" for one in warnings[:SHOWN]]
    if len(warnings) > SHOWN:
        notes.append(f"import-linter says {len(warnings) - SHOWN} more such things")
    outside = tree.sources - analysed
    if outside:
        notes.append(f"not checked, outside of the root packages: {some(outside)}")
    missed = _inside(tree.files, places) - analysed
    if missed:
        notes.append(f"not checked, for import-linter passes over them: {some(missed)}")
    return tuple(notes)
