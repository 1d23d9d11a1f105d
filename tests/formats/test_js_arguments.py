from __future__ import annotations

import pytest

from gates.formats.js_arguments import refuse

REFUSED = {"t": "a part", "testnamepattern": "a part", "passwithnotests": "no", "coverage": "own"}


@pytest.mark.parametrize(
    "argument",
    [
        "-t",
        "-t=x",
        "-xt",
        "--testNamePattern",
        "--test-name-pattern=x",
        "--passWithNoTests",
        "--no-passWithNoTests",
        "--coverage.enabled=false",
        "--coverage",
    ],
)
def test_what_blinds_the_gate_is_refused(argument: str) -> None:
    with pytest.raises(ValueError, match=f"`args` holds `{argument}`: "):
        refuse(("--silent", argument), REFUSED)


def test_anything_else_is_taken() -> None:
    refuse(("-x", "--silent", "--retry=2", "t", "coverage", "--", "--node.flag"), REFUSED)
