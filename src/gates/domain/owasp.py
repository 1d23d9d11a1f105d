"""OWASP Top 10:2025: from a weakness (CWE) to the category that a finding is named with.

The lists are those printed in OWASP/Top10 at commit 66ebc4798d2ca72973967a20264bdeb70dcf0a13, where
no weakness stands in two categories. A03 prints CWE-447 where its text speaks of CWE-477; both are
taken. Where the general mapping of a bandit test misses what the test finds, `BANDIT` corrects it.
"""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """A category of OWASP Top 10:2025, as it is shown."""

    A01 = "A01:2025 Broken Access Control"
    A02 = "A02:2025 Security Misconfiguration"
    A03 = "A03:2025 Software Supply Chain Failures"
    A04 = "A04:2025 Cryptographic Failures"
    A05 = "A05:2025 Injection"
    A06 = "A06:2025 Insecure Design"
    A07 = "A07:2025 Authentication Failures"
    A08 = "A08:2025 Software or Data Integrity Failures"
    A09 = "A09:2025 Security Logging and Alerting Failures"
    A10 = "A10:2025 Mishandling of Exceptional Conditions"


# fmt: off
WEAKNESSES: dict[Category, frozenset[int]] = {
    Category.A01: frozenset({
        22, 23, 36, 59, 61, 65, 200, 201, 219, 276, 281, 282, 283, 284, 285, 352, 359, 377, 379,
        402, 424, 425, 441, 497, 538, 540, 548, 552, 566, 601, 615, 639, 668, 732, 749, 862, 863,
        918, 922, 1275,
    }),
    Category.A02: frozenset({
        5, 11, 13, 15, 16, 260, 315, 489, 526, 547, 611, 614, 776, 942, 1004, 1174,
    }),
    Category.A03: frozenset({447, 477, 1035, 1104, 1329, 1357, 1395}),
    Category.A04: frozenset({
        261, 296, 319, 320, 321, 322, 323, 324, 325, 326, 327, 328, 329, 330, 331, 332, 334, 335,
        336, 337, 338, 340, 342, 347, 523, 757, 759, 760, 780, 916, 1240, 1241,
    }),
    Category.A05: frozenset({
        20, 74, 76, 77, 78, 79, 80, 83, 86, 88, 89, 90, 91, 93, 94, 95, 96, 97, 98, 99, 103, 104,
        112, 113, 114, 115, 116, 129, 159, 470, 493, 500, 564, 610, 643, 644, 917,
    }),
    Category.A06: frozenset({
        73, 183, 256, 266, 269, 286, 311, 312, 313, 316, 362, 382, 419, 434, 436, 444, 451, 454,
        472, 501, 522, 525, 539, 598, 602, 628, 642, 646, 653, 656, 657, 676, 693, 799, 807, 841,
        1021, 1022, 1125,
    }),
    Category.A07: frozenset({
        258, 259, 287, 288, 289, 290, 291, 293, 294, 295, 297, 298, 299, 300, 302, 303, 304, 305,
        306, 307, 308, 309, 346, 350, 384, 521, 613, 620, 640, 798, 940, 941, 1390, 1391, 1392,
        1393,
    }),
    Category.A08: frozenset({
        345, 353, 426, 427, 494, 502, 506, 509, 565, 784, 829, 830, 915, 926,
    }),
    Category.A09: frozenset({117, 221, 223, 532, 778}),
    Category.A10: frozenset({
        209, 215, 234, 235, 248, 252, 274, 280, 369, 390, 391, 394, 396, 397, 460, 476, 478, 484,
        550, 636, 703, 754, 755, 756,
    }),
}
# fmt: on
"""Numbers of the weaknesses (CWE) of each category."""

_XML = ("B313", "B314", "B315", "B316", "B317", "B318", "B319")
_XML_IMPORTS = ("B405", "B406", "B407", "B408", "B409", "B411")

BANDIT: dict[str, Category] = {
    "B104": Category.A02,  # CWE-605 is in no list: listens on every interface
    "B113": Category.A10,  # CWE-400 is in no list: a request that may wait for ever
    "B201": Category.A02,  # CWE-94: it is the debug server, a setting
    "B609": Category.A05,  # CWE-155 is in no list: wildcards in a shell command
    "B613": Category.A08,  # CWE-838 is in no list: source that reads otherwise than it runs
    # CWE-20: what these parsers lack is a switch against entities, whose CWE-611 is in A02.
    **dict.fromkeys((*_XML, *_XML_IMPORTS), Category.A02),
}
"""Categories of bandit tests whose weakness would name none, or a wrong one."""


def category_of(cwes: tuple[int, ...], *, bandit_test: str = "") -> str:
    """The category of a finding, or empty where no list holds its weaknesses.

    Args:
        cwes: numbers of its weaknesses; the first that a list holds decides.
        bandit_test: id of the bandit test that found it, if one did.
    """
    if bandit_test in BANDIT:
        return BANDIT[bandit_test].value
    for cwe in cwes:
        for category, numbers in WEAKNESSES.items():
            if cwe in numbers:
                return category.value
    return ""
