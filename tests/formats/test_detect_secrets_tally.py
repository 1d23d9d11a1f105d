from __future__ import annotations

from dataclasses import replace
from hashlib import sha1

from gates.formats.detect_secrets_json import Entry
from gates.formats.detect_secrets_tally import ENTROPY, places, tally, without_own


def entry(path: str, digest: str, *, line: int = 1, is_secret: bool | None = None) -> Entry:
    return Entry(rule="T", path=path, line=line, digest=digest, is_secret=is_secret)


PLAIN = entry("a.py", "1")
OTHER = entry("a.py", "2", line=2)
FALSE = entry("a.py", "1", line=7, is_secret=False)


def test_without_a_baseline_everything_that_stands_counts() -> None:
    sums = tally(bare=[PLAIN, OTHER], kept=[PLAIN, OTHER], audited=(), read={"a.py"})

    assert sums.counted == (PLAIN, OTHER)
    assert (sums.allowed, sums.suppressed, sums.unaudited, sums.gone) == ((), (), (), ())
    assert sums.notes() == ()


def test_what_only_stands_unsilenced_is_suppressed() -> None:
    sums = tally(bare=[PLAIN, OTHER], kept=[PLAIN], audited=(), read={"a.py"})

    assert (sums.counted, sums.suppressed) == ((PLAIN,), (OTHER,))
    assert sums.notes() == ("1 silenced by a pragma or a pattern: `a.py:2`",)


def test_the_same_secret_on_an_open_line_is_not_suppressed() -> None:
    sums = tally(bare=[PLAIN], kept=[replace(PLAIN, line=5)], audited=(), read={"a.py"})

    assert (len(sums.counted), sums.suppressed) == (1, ())


def test_only_an_audit_that_says_no_secret_allows_wherever_the_line_moved() -> None:
    sums = tally(bare=[PLAIN, OTHER], kept=[PLAIN, OTHER], audited=[FALSE], read={"a.py"})

    assert (sums.counted, sums.allowed) == ((OTHER,), (PLAIN,))
    assert sums.notes() == ("1 no secret, by the baseline's audit: `a.py:1`",)


def test_a_secret_that_an_audit_confirms_counts() -> None:
    true = replace(FALSE, is_secret=True)
    sums = tally(bare=[PLAIN], kept=[PLAIN], audited=[true], read={"a.py"})

    assert (sums.counted, sums.allowed, sums.unaudited) == ((PLAIN,), (), ())


def test_an_entry_that_nobody_audited_counts_and_is_told() -> None:
    sums = tally(bare=[PLAIN], kept=[PLAIN], audited=[PLAIN], read={"a.py"})

    assert (sums.counted, sums.unaudited) == ((PLAIN,), (PLAIN,))
    assert "without an audit, so they count" in sums.notes()[0]


def test_another_secret_in_its_place_is_not_allowed() -> None:
    new = replace(PLAIN, digest="3")
    sums = tally(bare=[new], kept=[new], audited=[FALSE], read={"a.py"})

    assert (sums.counted, sums.gone) == ((new,), (FALSE,))


def test_an_entry_is_gone_only_where_its_file_was_read() -> None:
    far = entry("b.py", "9", is_secret=False)
    sums = tally(bare=[OTHER], kept=[], audited=[FALSE, far, OTHER], read={"a.py"})

    assert sums.gone == (FALSE,)
    assert sums.notes()[-1] == "1 in the baseline, and no longer found: `a.py:7`"


def test_places_are_named_once() -> None:
    assert places([PLAIN, replace(PLAIN, rule="U"), OTHER]) == "`a.py:1`, `a.py:2`"


def test_fingerprints_in_a_file_of_ours_are_no_findings() -> None:
    name = "0123456789abcdef" * 2
    found = Entry(
        rule=ENTROPY,
        path="w.yaml",
        line=1,
        digest=sha1(name.encode(), usedforsecurity=False).hexdigest(),
    )
    others = (
        replace(found, path="conf.yaml"),
        replace(found, rule="Secret Keyword"),
        replace(found, digest="00"),
    )
    text = f"finding: {name}\n".encode()

    assert without_own([found, *others], {"w.yaml": text}) == others
    assert without_own([found], {"w.yaml": f"x{name}".encode()}) == (found,)
    assert without_own([found], {"w.yaml": f"{name}0".encode()}) == (found,)
    assert without_own([found], {}) == (found,)


def test_the_name_of_the_tool_is_no_secret_anywhere() -> None:
    digest = sha1(b"detect-secrets", usedforsecurity=False).hexdigest()

    assert without_own([entry("gates.yaml", digest), PLAIN], {}) == (PLAIN,)
