"""Where import-linter's root packages lie in a project."""

from __future__ import annotations

from gates.domain.errors import StageError
from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_modules import below
from gates.formats.tool_paths import Tree


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
        holding = {place: below(tree.sources, place, root) for place in found}
        places[root] = min(found, key=lambda place: (place != "", not holding[place], place))
    return places
