import pytest

from gates.domain.owasp import category_of
from gates.formats.eslint_security import WEAKNESSES, weakness


@pytest.mark.parametrize("rule", sorted(WEAKNESSES))
def test_each_weakness_has_its_category(rule: str) -> None:
    cwe, owasp = weakness(rule)
    assert owasp == category_of(cwe)
    assert owasp


def test_rules_that_look_for_no_weakness_have_none() -> None:
    assert weakness("no-var") == ((), "")
    assert weakness("security/detect-child-process")[1] == "A05:2025 Injection"
