"""`import-linter`: contracts about imports, held by import-linter on the project's packages."""

from __future__ import annotations

import os
import posixpath
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import (
    import_linter_config,
    import_linter_given,
    import_linter_places,
    import_linter_text,
)
from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_result import measured, not_checked
from gates.formats.tool_paths import Tree, some
from gates.plugin import (
    EVERYWHERE,
    Completed,
    Context,
    Default,
    Direction,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLinterOptions(ReportOptions):
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
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "there is no contract, or a contract was not checked",
        "a root package is none of the project's, is hidden by another copy, or holds no source",
        "fewer files were analysed than the root packages hold, or a source in them was not",
        "a file could not be parsed, or the configuration could not be understood",
        "the exit code, the sum and the results contradict each other",
        "a given report is of other contracts, or there are several",
    )
    programs = ("lint-imports",)
    written_by = (
        "(COLUMNS=100000 PYTHONIOENCODING=utf-8 NO_COLOR=1 lint-imports --no-cache"
        " && echo exit code 0 || echo exit code $?) > lint-imports.txt"
    )

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, and whatever configures import-linter."""
        own = (self.options.config,) if self.options.config else ()
        return ctx.files("**/*.py", *import_linter_config.NAMES, *own)

    def run(self, ctx: Context) -> StageResult:
        """Check all contracts on the packages as they lie in the project, without a cache."""
        config, tree = self._config(ctx), _tree(ctx)
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

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge what `written_by` wrote, whose contracts must be those of the configuration."""
        config, tree = self._config(ctx), _tree(ctx)
        report, *others = reports
        if others:
            shown = some([one.name for one in reports])
            summary = f"{shown}: one run checks all contracts, so one report is judged"
            raise OutputUnreadable("contradiction", summary, place="import-linter")
        given = import_linter_given.parse(report.data, config, what=report.name)
        ctx.note(import_linter_given.UNTOLD)
        return measured(
            given.outcome,
            tree,
            exit_code=given.exit_code,
            config=config,
            places=import_linter_places.places_of(config, tree),
            tool=Tool(name="lint-imports", version="", how="a given report"),
        )

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


def _tree(ctx: Context) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files("**/*.py")),
        sources=frozenset(ctx.sources(".py").files),
    )


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
        raise not_checked(done.stdout, done.stderr, hidden)
    exit_code, tool = done.exit_code, done.tool
    result = measured(outcome, tree, exit_code=exit_code, config=config, places=places, tool=tool)
    own = (f"import-linter ran with the project's own `{name}`" for name in hidden)
    return replace(result, notes=(*result.notes, *own))
