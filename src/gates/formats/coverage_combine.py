"""What `coverage combine` says of the data files that it combined.

It ends with exit code 0 where one of several files is damaged, so only its words tell: one line for
all files in newer versions (`Combined 2 files, skipped 1, 1 file errored`), one line for each file
in older ones (`Combined data file NAME`).
"""

from __future__ import annotations

import re

from gates.domain.errors import OutputUnreadable


def refuse_partial(output: str, *, expected: int) -> None:
    """Refuse a combination that left a file out; equal files that were skipped are in it.

    Args:
        output: all that `coverage combine` wrote.
        expected: how many files it was given.

    Raises:
        OutputUnreadable: it does not say that all of them were taken.
    """
    taken = _summed_up(output)
    if taken is None:
        lines = output.splitlines()
        taken = sum(
            line.startswith(("Combined data file ", "Skipping duplicate data ")) for line in lines
        )
    if taken != expected:
        told = [line for line in output.splitlines() if "Couldn't" in line or "error" in line]
        raise OutputUnreadable(
            "data-lost",
            f"coverage combined {taken} of {expected} data files"
            f"{': ' + told[0].strip() if told else ''}",
            hint="run the tests again; where it stays so, look at the processes that they start",
        )


def _summed_up(output: str) -> int | None:
    found = re.search(
        r"^Combined (\d+) files?(?:, skipped (\d+))?(?:, \d+ files? errored)?\s*$",
        output,
        re.MULTILINE,
    )
    return int(found[1]) + int(found[2] or 0) if found else None
