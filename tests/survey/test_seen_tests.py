import pytest
from survey.scenes import Ground

from gates.survey.pytest_settings import PytestSettings
from gates.survey.seen_tests import may_hold_tests, seen_tests

TEST = "def test_one():\n    pass\n"


@pytest.mark.parametrize(
    "text",
    [
        TEST,
        "class Anything:\n    async def test_one(self): ...\n",
        "class TestMore(Base):\n    size = 3\n",
        "from shared.suite import *\n",
        "from shared.suite import TestOrders\n",
        "test_orders = make_test('orders')\n",
    ],
)
def test_what_seems_to_hold_a_test(place: Ground, text: str) -> None:
    place.repo.write("tests/test_shop.py", text)
    assert seen_tests(place.root, PytestSettings()) == ("tests/test_shop.py",)


@pytest.mark.parametrize(
    "text", ["", "# to be written\n", "def helper():\n    pass\n", "import os\nx == test_one\n"]
)
def test_what_holds_none(place: Ground, text: str) -> None:
    place.repo.write("tests/test_shop.py", text)
    assert seen_tests(place.root, PytestSettings()) == ()


@pytest.mark.parametrize(
    ("settings", "name", "text"),
    [
        (PytestSettings(files=("check_*.py",)), "tests/check_shop.py", TEST),
        (PytestSettings(files=("checks/*.py",)), "shop/checks/all.py", TEST),
        (PytestSettings(functions=("it_*",)), "test_shop.py", "def it_sells():\n    pass\n"),
        (PytestSettings(doctest=True), "shop.py", '"""Sell.\n\n>>> 1\n1\n"""\n'),
        (PytestSettings(paths=("checks.py",)), "checks.py", TEST),
        (PytestSettings(paths=("services/*/spec",)), "services/a/spec/test_a.py", TEST),
        (PytestSettings(paths=("gone",)), "test_shop.py", TEST),
        (PytestSettings(paths=(".",)), "test_shop.py", TEST),
        (PytestSettings(paths=("/elsewhere", "../x")), "test_shop.py", TEST),
    ],
)
def test_tests_are_where_the_configuration_says(
    place: Ground, settings: PytestSettings, name: str, text: str
) -> None:
    place.repo.write("shop/__init__.py")
    place.repo.write(name, text)
    assert seen_tests(place.root, settings) == (name,)


def test_what_lies_outside_the_configured_paths_is_not_run(place: Ground) -> None:
    place.repo.write("tests/helper.py")
    place.repo.write("other/test_shop.py", TEST)
    settings = PytestSettings(place="pytest.ini", paths=("tests",))
    assert seen_tests(place.root, settings) == ()
    assert seen_tests(place.root, settings, ("other",)) == ("other/test_shop.py",)
    assert seen_tests(place.root, settings, ("./other/test_shop.py::test_one",)) == (
        "other/test_shop.py",
    )


def test_a_file_that_is_handed_over_may_have_any_name(place: Ground) -> None:
    place.repo.write("checks/verify.py", TEST)
    assert seen_tests(place.root, PytestSettings(), ("checks/verify.py",)) == ("checks/verify.py",)
    assert seen_tests(place.root, PytestSettings(), ("checks",)) == ()


def test_a_file_that_went_away_holds_no_test(place: Ground) -> None:
    place.repo.write("test_shop.py", TEST)
    place.repo.commit()
    (place.root / "test_shop.py").unlink()
    assert seen_tests(place.root, PytestSettings()) == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tests/test_orders.yaml", "a: 1\n"),
        ("tests/orders.feature", "Feature: orders\n"),
        ("tests/test_orders.py", "orders = 1\n"),
        ("tests/conftest.py", "def pytest_collect_file(): ...\n"),
    ],
)
def test_a_plugin_may_make_tests_of_what_lies_there(place: Ground, name: str, text: str) -> None:
    own = PytestSettings(place="pytest.ini")
    for other in ("tests/helper.py", "tests/orders.yaml", "tests/conftest.py"):
        place.repo.write(other, "x: 1\n")
    place.repo.write("tests/test_empty.yaml", "\n")
    assert not may_hold_tests(place.root, own)
    place.repo.write(name, text)
    assert may_hold_tests(place.root, own)
    assert not may_hold_tests(place.root, PytestSettings())
    place.repo.write("spec/helper.py")
    assert not may_hold_tests(place.root, PytestSettings(place="pytest.ini", paths=("spec",)))
