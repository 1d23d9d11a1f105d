import pytest
from samples import gate

from gates.domain.status import Status
from gates.executor.scope import touches, unaffected
from gates.toolkit.changes import Base, Change, ChangedFile

INPUTS = ("src/a.py", "src/b.py", "pyproject.toml")


def change(path: str, status: str) -> Change:
    file = ChangedFile(path=path, status=status)
    return Change(base=Base(commit="b" * 40, how="named"), files={path: file})


@pytest.mark.parametrize(
    ("path", "status", "touched"),
    [
        ("src/a.py", "M", True),
        ("README.md", "M", False),
        ("README.md", "D", False),
        ("tests/data.bin", "D", True),
        ("dev/requirements-dev.txt", "M", True),
        ("uv.lock", "M", True),
        ("src/gone.py", "D", True),
        ("docs/moved.md", "R", True),
        ("src/new.txt", "A", False),
        ("sub/pyproject.toml", "D", True),
        ("setup.cfg", "D", True),
        ("gates.yaml", "M", True),
    ],
)
def test_a_change_touches_its_files_and_what_is_gone(
    path: str, status: str, *, touched: bool
) -> None:
    assert touches(change(path, status), INPUTS, {"gates.yaml"}) is touched


def test_an_untouched_gate_says_what_it_listed() -> None:
    run = unaffected(gate(), INPUTS, "b" * 40)
    assert run.status is Status.UNAFFECTED
    assert run.examined is not None
    assert run.examined.count == 3
    assert "3 inputs" in run.judged.reason


def test_a_link_and_what_lies_outside_are_doubtful() -> None:
    link = ChangedFile(path="src/new", status="A", is_binary=True)
    base = Base(commit="b" * 40, how="named")
    assert touches(Change(base=base, files={"src/new": link}), INPUTS, {"gates.yaml"})
    assert touches(Change(base=base, files={}, outside=("ruff.toml",)), INPUTS, {"gates.yaml"})
    assert not touches(Change(base=base, files={}, outside=("README.md",)), INPUTS, {"gates.yaml"})
    with_documents = (*INPUTS, "docs/a.md")
    assert touches(Change(base=base, files={}, outside=("README.md",)), with_documents, ())
