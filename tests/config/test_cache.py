from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gates.config import cache, kept
from gates.config.extends import Book
from gates.domain.errors import ConfigError
from gates.domain.plan import Plan
from gates.domain.waiver import WaiverFile

TEXT = "version: 1\nlevels: {1: [ruff, {uses: ruff, name: again, timeout: 5m}]}\n"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "project" / "gates.yaml"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


def _files(state: Path) -> list[Path]:
    return sorted((state / cache.FOLDER).glob("*")) if (state / cache.FOLDER).exists() else []


def _forge(file: Path, plan: Plan) -> None:
    """Another plan under the same name, sealed as ours are."""
    body = kept.encode(plan).encode()
    file.write_bytes(cache._seal(file, body) + b"\n" + body)


def _marked(plan: Plan) -> Plan:
    from dataclasses import replace

    return replace(plan, project="from the kept plan")


def test_a_kept_plan_equals_the_one_that_was_read(policy: Path, state: Path) -> None:
    first = cache.load_cached(policy, state=state)
    assert len(_files(state)) == 1
    assert cache.load_cached(policy, state=state) == first
    assert first.project == "project"


def test_the_kept_plan_is_what_answers(policy: Path, state: Path) -> None:
    plan = cache.load_cached(policy, state=state)
    _forge(_files(state)[0], _marked(plan))
    assert cache.load_cached(policy, state=state).project == "from the kept plan"


def test_nothing_is_kept_without_a_state_folder(policy: Path, state: Path) -> None:
    assert cache.load_cached(policy, state=None).project == "project"
    assert _files(state) == []


def test_other_bytes_are_read_anew(policy: Path, state: Path) -> None:
    cache.load_cached(policy, state=state)
    policy.write_text(TEXT + "# more\n")
    plan = cache.load_cached(policy, state=state)
    assert len(_files(state)) == 2
    assert plan.policy.sha256 != ""


def test_another_folder_has_another_plan(policy: Path, state: Path, tmp_path: Path) -> None:
    cache.load_cached(policy, state=state)
    other = tmp_path / "other" / "gates.yaml"
    other.parent.mkdir()
    other.write_text(TEXT)
    assert cache.load_cached(other, state=state).project == "other"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:0],
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"5m", b"6m").replace(b"300", b"600"),
        lambda data: data[:64],
        lambda data: b"\xff" * len(data),
        lambda data: data.partition(b"\n")[2],
        lambda data: b"[]\n" + data,
    ],
)
def test_a_damaged_plan_is_read_anew(
    policy: Path, state: Path, damage: object, capsys: pytest.CaptureFixture[str]
) -> None:
    first = cache.load_cached(policy, state=state)
    (file,) = _files(state)
    whole = file.read_bytes()
    assert callable(damage)
    file.write_bytes(damage(whole))
    assert file.read_bytes() != whole
    assert cache.load_cached(policy, state=state) == first
    assert file.read_bytes() == whole
    assert capsys.readouterr() == ("", "")


def test_a_sealed_plan_that_is_none_is_read_anew(policy: Path, state: Path) -> None:
    first = cache.load_cached(policy, state=state)
    (file,) = _files(state)
    body = b'{"project": 5}'
    file.write_bytes(cache._seal(file, body) + b"\n" + body)
    assert cache.load_cached(policy, state=state) == first


def test_a_plan_kept_for_another_file_does_not_answer(policy: Path, state: Path) -> None:
    plan = cache.load_cached(policy, state=state)
    (file,) = _files(state)
    _forge(file, _marked(plan))
    policy.write_text(TEXT + "# more\n")
    cache.load_cached(policy, state=state)
    (new,) = (each for each in _files(state) if each != file)
    new.write_bytes(file.read_bytes())
    assert cache.load_cached(policy, state=state).project == "project"


def test_a_plan_that_others_could_write_is_no_answer(policy: Path, state: Path) -> None:
    plan = cache.load_cached(policy, state=state)
    (file,) = _files(state)
    _forge(file, _marked(plan))
    file.chmod(0o666)
    assert cache.load_cached(policy, state=state).project == "project"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_link_in_its_place_is_no_answer(policy: Path, state: Path, tmp_path: Path) -> None:
    plan = cache.load_cached(policy, state=state)
    (file,) = _files(state)
    _forge(file, _marked(plan))
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert cache.load_cached(policy, state=state).project == "project"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_plan_of_another_user_is_no_answer(policy: Path, state: Path) -> None:
    plan = cache.load_cached(policy, state=state)
    (file,) = _files(state)
    _forge(file, _marked(plan))
    os.chown(file, 12345, -1)
    assert cache.load_cached(policy, state=state).project == "project"


def test_other_code_reads_anew(policy: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = cache.load_cached(policy, state=state)
    _forge(_files(state)[0], _marked(plan))
    monkeypatch.setattr("gates.__version__", "99")
    assert cache.load_cached(policy, state=state).project == "project"


def test_a_folder_that_cannot_be_written_costs_only_time(policy: Path, state: Path) -> None:
    (state / cache.FOLDER).write_text("in the way")
    assert cache.load_cached(policy, state=state).project == "project"


def test_a_file_that_is_refused_is_not_kept(policy: Path, state: Path) -> None:
    policy.write_text("version: 1\nlevels: {1: [ruf]}\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match="no stage is named `ruf`"):
            cache.load_cached(policy, state=state)
    assert _files(state) == []


def test_a_plan_with_a_stage_of_another_package_is_not_kept(
    policy: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gates import stages
    from gates.config import load as loading

    ruff = stages.load("ruff")
    monkeypatch.delitem(stages.BUILT_IN, "ruff")

    def with_ruff(book: Book, *, default_project: str) -> Plan:
        return original(book, default_project=default_project, load_stage=lambda _: ruff)

    original = loading.load_book
    monkeypatch.setattr(loading, "load_book", with_ruff)
    assert cache.load_cached(policy, state=state).gates[0].uses == "ruff"
    assert _files(state) == []


def test_old_plans_are_removed(policy: Path, state: Path) -> None:
    for count in range(cache.MAX_KEPT + 3):
        policy.write_text(f"{TEXT}# {count}\n")
        cache.load_cached(policy, state=state)
    assert len(_files(state)) == cache.MAX_KEPT


_WARM = """
import sys, time
from pathlib import Path
from gates.config.cache import load_cached
start = time.perf_counter()
plan = load_cached(Path(sys.argv[1]), state=Path(sys.argv[2]))
took = time.perf_counter() - start
heavy = {"pydantic", "pydantic_core", "yaml", "asyncio", "rich", "subprocess", "click"}
print(len(plan.gates), f"{took:.6f}", *sorted(heavy & set(sys.modules)))
"""


def _warm(policy: Path, state: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", _WARM, str(policy), str(state)],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()


def test_a_kept_plan_needs_neither_pydantic_nor_yaml(policy: Path, state: Path) -> None:
    cache.load_cached(policy, state=state)
    count, _, *heavy = _warm(policy, state)
    assert (count, heavy) == ("2", [])


WAIVERS = """\
version: 1
waivers:
  - gate: ruff
    finding: F401
    scope: src
    reason: no fix yet
    owner: ana
    created: 2026-01-01
    expires: 2026-02-01
"""


@pytest.fixture
def waived(policy: Path) -> Path:
    path = policy.parent / ".gates" / "waivers.yaml"
    path.parent.mkdir()
    path.write_text(WAIVERS)
    return path


def _waivers(policy: Path, state: Path | None) -> WaiverFile | None:
    plan = cache.load_cached(policy, state=state)
    return cache.load_waivers(policy.parent, plan, state=state)


def _kept_waivers(state: Path) -> list[Path]:
    return sorted((state / cache.WAIVERS_FOLDER).glob("*"))


def test_a_project_without_waivers_keeps_none(policy: Path, state: Path) -> None:
    assert _waivers(policy, state) is None
    assert not (state / cache.WAIVERS_FOLDER).exists()


def test_kept_waivers_equal_those_that_were_read(policy: Path, state: Path, waived: Path) -> None:
    first = _waivers(policy, state)
    assert first is not None
    assert first.sha256 == hashlib.sha256(waived.read_bytes()).hexdigest()
    assert [waiver.finding for waiver in first.waivers] == ["F401"]
    assert len(_kept_waivers(state)) == 1
    again = _waivers(policy, state)
    assert again == first
    assert again.waivers[0].place == ".gates/waivers.yaml:3:5"


def test_the_kept_waivers_are_what_answers(policy: Path, state: Path, waived: Path) -> None:
    del waived
    _waivers(policy, state)
    (file,) = _kept_waivers(state)
    body = file.read_bytes().partition(b"\n")[2].replace(b"ana", b"bob")
    file.write_bytes(cache._seal(file, body) + b"\n" + body)
    answer = _waivers(policy, state)
    assert answer is not None
    assert answer.waivers[0].owner == "bob"
    file.write_bytes(cache._seal(file, b"[]") + b"\n" + body)
    answer = _waivers(policy, state)
    assert answer is not None
    assert answer.waivers[0].owner == "ana"


@pytest.mark.usefixtures("waived")
def test_waivers_are_not_kept_without_a_state_folder(policy: Path, state: Path) -> None:
    assert _waivers(policy, None) is not None
    assert _kept_waivers(state) == []


def test_waivers_are_read_anew_for_other_bytes_and_for_another_plan(
    policy: Path, state: Path, waived: Path
) -> None:
    _waivers(policy, state)
    waived.write_text(WAIVERS + "# more\n")
    _waivers(policy, state)
    assert len(_kept_waivers(state)) == 2
    policy.write_text("version: 1\nlevels: {1: [mypy]}\n")
    with pytest.raises(ConfigError, match="no gate `ruff`"):
        _waivers(policy, state)
    assert len(_kept_waivers(state)) == 2


@pytest.mark.usefixtures("waived")
def test_waivers_beside_a_stage_of_another_package_are_not_kept(
    policy: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gates import stages

    plan = cache.load_cached(policy, state=state)
    monkeypatch.delitem(stages.BUILT_IN, "ruff")
    assert cache.load_waivers(policy.parent, plan, state=state) is not None
    assert _kept_waivers(state) == []


_WARM_WAIVERS = """
import sys
from pathlib import Path
from gates.config.cache import load_cached, load_waivers
root, state = Path(sys.argv[1]).parent, Path(sys.argv[2])
waivers = load_waivers(root, load_cached(root / "gates.yaml", state=state), state=state)
heavy = {"pydantic", "pydantic_core", "yaml", "gates.formats.strict_yaml", "gates.config.waivers"}
print(len(waivers.waivers), *sorted(heavy & set(sys.modules)))
"""


@pytest.mark.usefixtures("waived")
def test_kept_waivers_need_neither_pydantic_nor_yaml(policy: Path, state: Path) -> None:
    _waivers(policy, state)
    done = subprocess.run(
        [sys.executable, "-c", _WARM_WAIVERS, str(policy), str(state)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["1"]
