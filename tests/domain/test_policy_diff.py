from gates.domain.plan import Policy
from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.policy_diff import PolicyDiff, ProjectDiff
from gates.domain.weakening import Weakening, WeakeningItem, WeakeningKind

HERE = Policy(source="gates.yaml", sha256="0" * 64)
ITEM = WeakeningItem(kind=WeakeningKind.SKIP, rule="skip", path="tests/test_a.py", text="skipped")


def diff(*kinds: Kind) -> PolicyDiff:
    changes = tuple(PolicyChange(kind=kind, what="x") for kind in kinds)
    project = ProjectDiff(path=".", before=HERE, after=HERE, changes=changes)
    outside = Weakening(base="a" * 40, items=(ITEM,))
    return PolicyDiff(ref="main", commit="a" * 40, projects=(project,), outside=outside)


def test_only_the_policy_decides_the_exit_code() -> None:
    assert diff(Kind.TIGHTENED, Kind.ADDED, Kind.CHANGED).exit_code == 0
    for kind in (Kind.LOOSENED, Kind.REMOVED, Kind.SKIPPED):
        assert diff(kind).exit_code == 1
