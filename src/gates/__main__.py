"""The console script: answers `gates --version` at once, and hands all else to the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; the process ends in here."""
    if sys.argv[1:] == ["--version"] and _told():
        return
    from gates.cli.main import run

    run()


def _told() -> bool:
    """Tell the version at once; False where that fails, which the command line knows to handle."""
    from gates import __version__

    if sys.stdout is None:
        return False
    try:
        sys.stdout.write(f"gates {__version__}\n")
        sys.stdout.flush()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
