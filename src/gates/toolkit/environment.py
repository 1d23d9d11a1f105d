"""The environment of a child: an allow-list, so that nothing outside decides a result unseen.

Left out on purpose, among everything else: PYTHONPATH and PYTHONSTARTUP (code from elsewhere),
PYTHONOPTIMIZE (asserts vanish), PYTEST_ADDOPTS, PYTEST_PLUGINS, COVERAGE_*, RUFF_*, MYPY* (options
that no file shows), NODE_OPTIONS and NODE_PATH (code from elsewhere), npm_config_* (npm reads the
same from .npmrc), NODE_ENV, ESLINT_*, VITEST*, GIT_* (another repository), SKIP, FORCE_COLOR,
GITHUB_ENV, GITHUB_PATH, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY and tokens (a test must not speak for
the workflow). What a project's tests need beyond this, such as a database URL, it names in `env:`
of gates.yaml.

`node_modules/.bin` is not on PATH: the tools find their own packages by their place, and `npm run`
puts it there itself. A project could have any name there, `git` and `sh` too.

PYTHONSAFEPATH is not set: it would break the scripts that tests start. PYTHONHASHSEED is neither.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gates.toolkit.programs import is_below

_HANDED_ON = frozenset({
    "HOME", "LOGNAME", "USER",  # configuration and caches of the tools; getpass asks for the names
    "SHELL",  # programs that open a shell of their own
    "TMPDIR",  # the machine's place for temporary files
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
    "CI",  # tools are stricter and quieter there (snapshots, hypothesis, progress)
    "SSL_CERT_DIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",  # a company's own CA
    "NODE_EXTRA_CA_CERTS",  # the same for Node
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",  # the only way out of many networks
    "http_proxy", "https_proxy", "no_proxy", "all_proxy",
    "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_CERT", "PIP_CLIENT_CERT",
    "PIP_PROXY", "PIP_CONFIG_FILE", "PIP_DEFAULT_TIMEOUT", "PIP_RETRIES", "PIP_FIND_LINKS",
    "PIP_NO_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "NETRC",  # to reach the package index
})  # fmt: skip
NO_GRAFTS = f"{os.devnull}/none"
"""A file of grafts that cannot be there; one that can be read makes git tell that grafts pass."""

_FIXED = {
    "LC_ALL": "C.UTF-8",  # one language for messages, UTF-8 for text
    "LANG": "C.UTF-8",
    "TZ": "UTC",  # dates do not depend on where it runs
    "TERM": "dumb",  # output goes to a file
    "NO_COLOR": "1",
    "GIT_GRAFT_FILE": NO_GRAFTS,  # what `.git/info/grafts` says of history is not history
}
_STANDARD_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


def child_environment(
    environ: Mapping[str, str],
    *,
    root: Path,
    prefix: Path | None = None,
    extra: Mapping[str, str] | None = None,
    outside: Path | None = None,
) -> dict[str, str]:
    """The whole environment of a child.

    Args:
        environ: the environment of `gates`.
        root: the folder of gates.yaml.
        prefix: the project's Python environment: its programs come first on PATH, and VIRTUAL_ENV
            names it; without one there is no VIRTUAL_ENV.
        extra: set last: `env:` of gates.yaml, what a stage needs, the run's marker.
        outside: the checkout, from which PATH takes nothing; by default the root.
    """
    child = {name: value for name, value in environ.items() if name in _HANDED_ON}
    child.update(_FIXED)
    checkout = os.path.realpath(outside or root)
    folders = _outside(environ.get("PATH", ""), checkout) or list(_STANDARD_PATH)
    if prefix is not None:
        own = str(prefix / "bin")
        folders = [own, *(folder for folder in folders if folder != own)]
        if (prefix / "pyvenv.cfg").is_file():
            child["VIRTUAL_ENV"] = str(prefix)
    child["PATH"] = os.pathsep.join(folders)
    # Interpreters that were built as shared libraries do not start without it.
    libraries = _outside(environ.get("LD_LIBRARY_PATH", ""), checkout)
    if libraries:
        child["LD_LIBRARY_PATH"] = os.pathsep.join(libraries)
    child.update(extra or {})
    return child


def _outside(search_path: str, checkout: str) -> list[str]:
    """The folders of a search path that no checkout can fill: absolute and not below it."""
    return [
        folder
        for folder in search_path.split(os.pathsep)
        if folder.startswith("/") and not is_below(os.path.realpath(folder), checkout)
    ]
