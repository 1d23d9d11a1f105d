import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import StageError
from gates.toolkit.bytecode import drop_doubtful, refuse_tracked


def value_of(folder: Path) -> str:
    """What a fresh interpreter thinks that the module says, with byte-code written and trusted."""
    environ = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", "import shop; print(shop.VALUE)"]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_an_edit_within_the_same_second_is_seen(tmp_path: Path) -> None:
    source = tmp_path / "shop.py"
    source.write_text("VALUE = 1\n")
    moment = source.stat().st_mtime_ns
    assert value_of(tmp_path) == "1"
    (kept,) = (tmp_path / "__pycache__").iterdir()
    source.write_text("VALUE = 2\n")
    os.utime(source, ns=(moment, moment))
    os.utime(kept, ns=(moment, moment))
    assert value_of(tmp_path) == "1", "this interpreter is not fooled: the module is not needed"
    assert drop_doubtful(tmp_path, ["shop.py"]) == 1
    assert value_of(tmp_path) == "2"


def test_byte_code_younger_than_its_source_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "shop.py"
    source.write_text("VALUE = 1\n")
    value_of(tmp_path)
    (kept,) = (tmp_path / "__pycache__").iterdir()
    later = source.stat().st_ctime_ns + 2 * 10**9
    os.utime(kept, ns=(later, later))
    assert drop_doubtful(tmp_path, ["shop.py", "gone.py"]) == 0
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1


def test_an_edit_that_keeps_the_old_time_is_seen(tmp_path: Path) -> None:
    source = tmp_path / "shop.py"
    source.write_text("VALUE = 1\n")
    os.utime(source, ns=(0, 0))
    assert value_of(tmp_path) == "1"
    source.write_text("VALUE = 2\n")
    os.utime(source, ns=(0, 0))
    assert value_of(tmp_path) == "1", "this interpreter is not fooled: the module is not needed"
    assert drop_doubtful(tmp_path, ["shop.py"]) == 1
    assert value_of(tmp_path) == "2"


@pytest.mark.parametrize("mode", ["UNCHECKED_HASH", "CHECKED_HASH"])
def test_byte_code_based_on_a_hash_goes(tmp_path: Path, mode: str) -> None:
    source = tmp_path / "shop.py"
    source.write_text("VALUE = 1\n")
    made = py_compile.compile(
        str(source), invalidation_mode=py_compile.PycInvalidationMode[mode], doraise=True
    )
    later = source.stat().st_ctime_ns + 2 * 10**9
    os.utime(str(made), ns=(later, later))
    assert drop_doubtful(tmp_path, ["shop.py"]) == 1
    assert not Path(str(made)).exists()


def test_byte_code_that_cannot_be_removed_is_errored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "shop.py"
    source.write_text("VALUE = 1\n")
    value_of(tmp_path)
    at = source.stat().st_mtime_ns
    for kept in (tmp_path / "__pycache__").glob("*.pyc"):
        os.utime(kept, ns=(at, at))

    def refuse(path: Path, *, missing_ok: bool) -> None:
        raise PermissionError(13, f"no {missing_ok}", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StageError, match="cannot be removed"):
        drop_doubtful(tmp_path, ["shop.py"])


def test_tracked_byte_code_is_refused(repo: Repo) -> None:
    repo.write("src/a.py", "x = 1\n")
    repo.commit()
    refuse_tracked(repo.ask())
    repo.write("src/__pycache__/a.cpython-311.pyc", "code")
    refuse_tracked(repo.ask())
    repo.git("add", "--force", "src/__pycache__")
    with pytest.raises(StageError, match="git tracks 1 files of byte-code"):
        refuse_tracked(repo.ask())


def test_byte_code_without_a_source_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("VALUE = 1\n")
    value_of(tmp_path)
    (tmp_path / "shop.py").unlink()
    assert drop_doubtful(tmp_path, ["shop.py"]) == 0


def test_byte_code_that_cannot_be_read_is_doubtful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop.py").write_text("VALUE = 1\n")
    value_of(tmp_path)
    (kept,) = (tmp_path / "__pycache__").iterdir()
    later = kept.stat().st_ctime_ns + 2 * 10**9
    os.utime(kept, ns=(later, later))

    def refuse(path: Path, mode: str) -> None:
        raise PermissionError(13, mode, str(path))

    monkeypatch.setattr(Path, "open", refuse)
    assert drop_doubtful(tmp_path, ["shop.py"]) == 1
