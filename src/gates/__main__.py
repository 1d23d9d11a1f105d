"""The console script: answers `gates --version` at once, and hands all else to the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; the process ends in here."""
    if sys.argv[1:] == ["--version"]:
        from gates import __version__

        sys.stdout.write(f"gates {__version__}\n")
        return
    from gates.cli.main import run

    run()


if __name__ == "__main__":
    main()
