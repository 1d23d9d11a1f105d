import os
import subprocess
import sys
from pathlib import Path

from gates.toolkit.bytecode import drop_doubtful


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
    os.utime(source, ns=(0, 0))
    value_of(tmp_path)
    assert drop_doubtful(tmp_path, ["shop.py", "gone.py"]) == 0
    assert len(list((tmp_path / "__pycache__").iterdir())) == 1
