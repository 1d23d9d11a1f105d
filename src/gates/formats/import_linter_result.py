"""What import-linter's text and the project's files tell together, as a stage hands it over."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count
from gates.domain.stage_result import StageResult, Tool
from gates.formats import import_linter_contracts, import_linter_modules, import_linter_text
from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_text import Breach, Outcome
from gates.formats.tool_paths import Tree, some

SHOWN = 3


def not_checked(stdout: bytes, stderr: bytes, hidden: tuple[str, ...] = ()) -> StageError:
    """What to raise where a run tells of no analysis.

    Args:
        stdout: what it printed.
        stderr: what it printed there.
        hidden: packages of import-linter's own that the project's go before.
    """
    last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    told = import_linter_text.last_words(stdout) or last[:300] or "nothing"
    hint = "mend what it names, or its configuration"
    if hidden:
        hint = (
            f"the project's {some(hidden)} may be in the way: import-linter needs the package of"
            " that name for itself"
        )
    summary = f"import-linter could not check the contracts; it says: {told}"
    return StageError("not-checked", summary, hint=hint, place="import-linter")


def measured(
    outcome: Outcome,
    tree: Tree,
    *,
    exit_code: int,
    config: ImportLinterConfig,
    places: Mapping[str, str],
    tool: Tool,
) -> StageResult:
    """Put together what was printed and what there is.

    Args:
        outcome: what a run printed.
        tree: the project's Python files.
        exit_code: 0 or 1.
        config: the configuration that was read.
        places: the folder in which each root package lies.
        tool: import-linter.

    Raises:
        OutputUnreadable: the results, the exit code and the configuration do not tell one story.
        StageError: import-linter did not look at the sources.
    """
    broken = [name for name, kept in zip(config.contracts, outcome.kept, strict=False) if not kept]
    if len(outcome.kept) != len(config.contracts) or (exit_code == 1) != bool(broken):
        summary = (
            f"import-linter ended with exit code {exit_code} and {len(broken)} broken of"
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
        tool=tool,
        notes=(
            *_notes(outcome.warnings, tree, analysed, places),
            *import_linter_contracts.remarks(config, import_linter_modules.names(analysed, places)),
        ),
    )


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
    name: str, breaches: tuple[Breach, ...], tree: Tree, places: Mapping[str, str]
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


def _file(module: str, tree: Tree, places: Mapping[str, str]) -> str:
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
