import pytest

from gates.domain.survey import Diagnosis, Fact, Remark, SeenTool, Weight
from gates.reports.doctor_text import diagnosis_lines
from gates.reports.style import render


def shown(*remarks: Remark, **parts: object) -> str:
    diagnosis = Diagnosis(project="shop", policy="/shop/gates.yaml", gates=3, remarks=remarks)
    for name, value in parts.items():
        object.__setattr__(diagnosis, name, value)
    return render(diagnosis_lines(diagnosis), colour=False)


def remark(gate: str, weight: Weight, summary: str = "so it is", hint: str = "") -> Remark:
    place = "gates.yaml:6:7" if gate else ""
    return Remark(gate=gate, place=place, weight=weight, summary=summary, hint=hint)


def test_a_sound_project() -> None:
    assert shown() == (
        "\nshop · 3 gates · /shop/gates.yaml\n\n\n"
        "each gate can run, and each can fail; `gates check` runs them\n"
    )


def test_facts_tools_and_criteria() -> None:
    text = shown(
        facts=(
            Fact(name="environment", text="/shop/.venv (.venv)"),
            Fact(name="environment", text="none", is_doubtful=True, hint="make one"),
            Fact(name="kept", text=".git/gates"),
        ),
        tools=(
            SeenTool(
                name="ruff", version="1.0", path="/shop/.venv/bin/ruff", how=".venv", seconds=0.0042
            ),
            SeenTool(name="odd", path="/odd", how="PATH", slow="a shim", hint="install it"),
            SeenTool(name="mypy", how="missing"),
        ),
        uncovered=(("L1-LINT", "lint, strict rules"),),
    )
    assert (
        "environment  /shop/.venv (.venv)\n"
        "             none\n"
        "             next: make one\n"
        "kept         .git/gates\n"
        "\n"
        "tools\n"
        "  ruff  1.0  /shop/.venv/bin/ruff  .venv  starts in 4 ms\n"
        "  odd   ?    /odd  PATH\n"
        "        a shim\n"
        "        next: install it\n"
        "  mypy  missing\n"
        "\n"
        "criteria of Level 1 without a gate\n"
        "  L1-LINT      lint, strict rules\n"
    ) in text


def test_remarks_stand_by_their_weight_with_the_next_step() -> None:
    text = shown(
        remark("lint", Weight.LOOSE, "it is loose"),
        remark("tests", Weight.CANNOT_RUN, "no pytest", "install it"),
        remark("tests", Weight.CANNOT_RUN, "no test"),
        remark("own", Weight.CANNOT_FAIL, "it is true"),
    )
    assert text.endswith(
        "gates that cannot run\n"
        "  tests  no pytest  gates.yaml:6:7\n"
        "         next: install it\n"
        "         no test  gates.yaml:6:7\n"
        "\n"
        "gates that could not fail\n"
        "  own  it is true  gates.yaml:6:7\n"
        "\n"
        "gates that ask for less than they could\n"
        "  lint  it is loose  gates.yaml:6:7\n"
        "\n"
        "1 of 3 gates cannot run, and 1 could not fail\n"
    )


@pytest.mark.parametrize(
    ("remarks", "closing"),
    [
        ((remark("", Weight.CANNOT_RUN),), "no gate can run"),
        ((remark("a", Weight.CANNOT_RUN),), "1 of 3 gates cannot run"),
        ((remark("a", Weight.CANNOT_FAIL),), "1 of 3 gates could not fail"),
        ((remark("a", Weight.LOOSE),), "each gate can run, and each can fail"),
    ],
)
def test_the_last_line_sums_up(remarks: tuple[Remark, ...], closing: str) -> None:
    assert shown(*remarks).splitlines()[-1].startswith(closing)


def test_what_concerns_every_gate_says_so() -> None:
    assert "\n  all  so it is\n" in shown(remark("", Weight.CANNOT_RUN))


@pytest.mark.parametrize("width", [60, 80])
def test_lines_keep_within_the_screen(width: int) -> None:
    words = "no file of it holds anything that could be examined " * 3
    diagnosis = Diagnosis(
        project="shop",
        policy="/shop/gates.yaml",
        gates=3,
        remarks=tuple(remark("tests", weight, words, words) for weight in Weight),
        facts=(Fact(name="git", text=words, hint=words),),
        tools=(
            SeenTool(name="ruff", path="/shop/.venv/bin/ruff", how=words, slow=words, hint=words),
            SeenTool(name="mypy", how=words),
        ),
        uncovered=(("L1-LINT", words),),
    )
    lines = render(diagnosis_lines(diagnosis, width), colour=False).splitlines()
    assert max(map(len, lines)) <= width
    assert max(len(each) for each in shown(remark("a", Weight.LOOSE, words)).splitlines()) > width


def test_gates_that_may_find_nothing_are_told() -> None:
    text = shown(remark("tests", Weight.DOUBTFUL, "no test, it seems"))
    assert "gates that may find nothing to examine\n  tests  no test, it seems" in text
    assert text.endswith("1 of 3 gates may find nothing to examine\n")
