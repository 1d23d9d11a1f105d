from __future__ import annotations

import pytest
from stages.fake_context import recorded

from gates.formats.import_linter_text import Breach, Outcome, last_words, parse
from gates.plugin import OutputUnreadable

HEAD = (
    "Contracts\n---------\n\nAnalyzed 7 files, 6 dependencies.\n---------------------------------\n"
)


def printed(*results: str, total: str, more: str = "") -> bytes:
    return (HEAD + "\n" + "\n".join(results) + f"\n\n{total}\n{more}").encode()


def outcome(data: bytes) -> Outcome:
    found = parse(data)
    assert found is not None
    return found


@pytest.mark.parametrize("version", ["2.0", "2.5.2", "2.9", "2.16"])
def test_recorded_findings_of_each_version_are_alike(version: str) -> None:
    found = outcome(recorded(f"import_linter/{version}/findings.txt"))

    assert found.files == 7
    assert found.kept[:4] == (False, False, True, False)
    assert found.warnings == ("No matches for ignored import shop.core.model -> shop.none.",)
    assert found.breaches[0] == (
        Breach(
            "shop.core is not allowed to import shop.api: shop.core.model -> shop.api.routes (l.1)",
            "shop.core.model",
            1,
        ),
        Breach(
            "shop.core is not allowed to import shop.store: shop.core.model -> shop.store.db (l.5)",
            "shop.core.model",
            5,
        ),
        Breach(
            "shop.store is not allowed to import shop.api: shop.store.db -> shop.api.routes (l.2)",
            "shop.store.db",
            2,
        ),
    )
    assert found.breaches[1][1].text == (
        "shop.core is not allowed to import shop.api:"
        " shop.core.model -> shop.store.db (l.5), shop.store.db -> shop.api.routes (l.2)"
    )


def test_recorded_contracts_of_the_other_types_are_read() -> None:
    found = outcome(recorded("import_linter/2.16/findings.txt"))

    exhaustive, cycles, protected = found.breaches[3:]
    assert found.kept == (False, False, True, False, False, False, False)
    assert exhaustive[0] == Breach(
        "The following modules are not listed as layers: shop.core", "", 0
    )
    assert cycles[0].text.endswith("by removing 3 dependencies: .core -> .api (1 import)")
    assert protected == (
        Breach(
            "Illegal imports of protected package shop.store:"
            " shop.api.routes -> shop.store.db (l.1)",
            "shop.api.routes",
            1,
        ),
    )


def test_a_recorded_clean_run() -> None:
    found = outcome(recorded("import_linter/2.16/clean.txt"))

    assert (found.files, found.kept, found.breaches, found.warnings) == (7, (True,), (), ())


def test_a_recorded_syntax_error_tells_of_no_analysis() -> None:
    data = recorded("import_linter/2.16/syntax.txt")

    assert parse(data) is None
    assert last_words(data) == "Syntax error in /project/src/shop/bad.py, line 1: def f(:"


@pytest.mark.parametrize(
    "result",
    [
        "A KEPT",
        "A KEPT (1 warning)",
        "A KEPT (19 ignored imports, 2 warnings)",
        "A KEPT [0.1s]",
        "A KEPT (1 warning) [<1ms]",
        " KEPT",
        "Contracts: 5 kept, 0 broken. KEPT",
        "A BROKEN KEPT",
    ],
)
def test_a_result_has_one_of_these_forms(result: str) -> None:
    assert outcome(printed(result, total="Contracts: 1 kept, 0 broken.")).kept == (True,)


@pytest.mark.parametrize(
    ("results", "total"),
    [
        (("A KEPT",), "Contracts: 2 kept, 0 broken."),
        (("A BROKEN",), "Contracts: 1 kept, 0 broken."),
        ((), "Contracts: 1 kept, 0 broken."),
        (("A KEPT", "B"), "Contracts: 1 kept, 0 broken."),
        (("A", "B KEPT"), "Contracts: 1 kept, 0 broken."),
        (("A SKIPPED",), "Contracts: 1 kept, 0 broken."),
        (("A KEPT and more",), "Contracts: 1 kept, 0 broken."),
        (("A KEPT",), "Contracts: 1 kept, 0 broken"),
        (("A KEPT",), ""),
        (("A KEPT", "Contracts: 1 kept, 0 broken.", "B KEPT"), "Contracts: 1 kept, 0 broken."),
        (("Analyzed 9 files, 1 dependencies.", "A KEPT"), "Contracts: 1 kept, 0 broken."),
    ],
)
def test_what_does_not_add_up_is_unreadable(results: tuple[str, ...], total: str) -> None:
    with pytest.raises(OutputUnreadable, match="does not add up"):
        parse(printed(*results, total=total))


@pytest.mark.parametrize("data", [b"", b"no news\n", b"Contracts: 1 kept, 0 broken.\n"])
def test_without_a_heading_there_was_no_analysis(data: bytes) -> None:
    assert parse(data) is None


def test_extra_imports_belong_to_their_chain() -> None:
    more = (
        "Broken contracts\n----------------\n\nA\n-\n\na is not allowed to import b:\n\n"
        "- a.x (l.1)\n  & a.y -> c (l.2)\n  c -> b.x (l.3)\n       & b.y (l.?)\n\n"
        "- a.z -> b (l.?)\n"
    )

    found = outcome(printed("A BROKEN", total="Contracts: 0 kept, 1 broken.", more=more))

    assert found.breaches == (
        (
            Breach(
                "a is not allowed to import b:"
                " a.x (l.1), & a.y -> c (l.2), c -> b.x (l.3), & b.y (l.?)",
                "a.x",
                1,
            ),
            Breach("a is not allowed to import b: a.z -> b (l.?)", "", 0),
        ),
    )


@pytest.mark.parametrize("more", ["", "Broken contracts\n---\n\n---\n---\n\n- a -> b (l.1)\n"])
def test_a_heading_that_cannot_be_told_costs_the_details_only(more: str) -> None:
    found = outcome(printed("--- BROKEN", total="Contracts: 0 kept, 1 broken.", more=more))

    assert (found.kept, found.breaches) == ((False,), ((),))
