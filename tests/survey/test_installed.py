import json
import os

import pytest
from survey.scenes import Ground

from gates.survey.installed import differences

Packages = dict[str, dict[str, object]]


def lock(place: Ground, name: str, packages: Packages) -> None:
    place.repo.write(name, json.dumps({"lockfileVersion": 3, "packages": packages}))


@pytest.mark.parametrize(
    ("wanted", "held", "said"),
    [
        ({"a": {"version": "1"}}, {"a": {"version": "1"}}, ""),
        ({"a": {"version": "2"}}, {"a": {"version": "1"}}, "1 package of node_modules is not"),
        (
            {"a": {"version": "1"}, "b": {"version": "1"}},
            {"c": {"version": "1"}},
            "3 packages of node_modules are not",
        ),
        ({"a": {"version": "1"}, "b": {"optional": True}}, {"a": {"version": "1"}}, ""),
    ],
)
def test_the_packages_are_compared_with_the_lock(
    place: Ground, wanted: Packages, held: Packages, said: str
) -> None:
    def placed(packages: Packages) -> Packages:
        return {"": {}, **{f"node_modules/{name}": entry for name, entry in packages.items()}}

    lock(place, "package-lock.json", placed(wanted))
    lock(place, "node_modules/.package-lock.json", placed(held))
    found = differences(place.root)
    assert found.startswith(said)
    assert bool(found) is bool(said)


@pytest.mark.parametrize("text", ["{", "[]", '{"packages": 3}'])
def test_where_nobody_knows_nothing_is_said(place: Ground, text: str) -> None:
    assert differences(place.root) == ""
    lock(place, "package-lock.json", {"node_modules/a": {"version": "1"}})
    assert differences(place.root) == ""
    place.repo.write("node_modules/.package-lock.json", text)
    assert differences(place.root) == ""


@pytest.mark.parametrize(
    ("name", "left"),
    [("pnpm-lock.yaml", ".modules.yaml"), ("yarn.lock", ".yarn-integrity")],
)
def test_other_managers_leave_a_time(place: Ground, name: str, left: str) -> None:
    path = place.repo.write(name)
    assert differences(place.root) == ""
    made = place.repo.write(f"node_modules/{left}")
    os.utime(path, (1_000, 1_000))
    assert differences(place.root) == ""
    os.utime(made, (500, 500))
    assert differences(place.root) == f"node_modules is older than {name}"


def test_a_lock_that_leaves_no_time_says_nothing(place: Ground) -> None:
    place.repo.write("bun.lock")
    place.repo.write("node_modules/x")
    assert differences(place.root) == ""
