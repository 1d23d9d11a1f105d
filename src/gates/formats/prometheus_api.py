"""What a Prometheus server answers to an instant query (`/api/v1/query`), read strictly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.prometheus_lines import number
from gates.formats.strict_json import Value

PATH = "/api/v1/query"
_LATEST = Decimal(253402300799)  # the last second that a calendar date can name


@dataclass(frozen=True, slots=True)
class Reading:
    """The one value of a query.

    Attributes:
        value: finite.
        at: the server's time of it, seconds since the epoch.
    """

    value: Decimal
    at: Decimal


def read(data: bytes, *, what: str) -> Reading:
    """Read the answer to a query that has one value.

    Args:
        data: the body.
        what: the query, for messages.

    Raises:
        OutputUnreadable: it is no answer of this interface.
        StageError: the server refused, warned that the answer is not whole, or gave not one value.
    """
    answer = strict_json.read(data, what=what)
    if answer.member("status").text() != "success":
        told = answer.find("error")
        words = told.text() if told is not None else "it gives no reason"
        raise StageError("query-refused", f"the server refused `{what}`: {words}")
    warnings = answer.find("warnings")
    if warnings is not None and warnings.array():
        first = next(iter(warnings.items())).text()
        raise StageError("query-partial", f"the answer to `{what}` is not whole: {first}")
    result = answer.member("data", "result")
    match answer.member("data", "resultType").text():
        case "scalar":
            return _pair(result, what)
        case "vector":
            return _pair(_only(result, what).member("value"), what)
        case kind:
            raise StageError(
                "query-range",
                f"`{what}` gives a {kind}, and one value is needed",
                hint="put a function such as `avg_over_time` around a range",
            )


def refuse_other_day(reading: Reading, today: date, *, what: str) -> None:
    """Refuse a value of another day: the server's clock, or a cache on the way, is off.

    Raises:
        StageError: it is more than a day away from `today` (UTC).
    """
    day = datetime.fromtimestamp(int(reading.at), UTC).date()
    if abs((day - today).days) > 1:
        raise StageError("query-stale", f"the answer to `{what}` is of {day}, and today is {today}")


def _only(result: Value, what: str) -> Value:
    found = tuple(result.items())
    if not found:
        raise StageError(
            "query-empty",
            f"`{what}` finds no series: nothing was measured",
            hint="ask the server's own page for it; a label or a name may be misspelt",
        )
    if len(found) > 1:
        raise StageError(
            "query-several",
            f"`{what}` finds {len(found)} series, and one value is needed",
            hint="add them up (`sum(...)`), or name labels",
        )
    return found[0]


def _pair(pair: Value, what: str) -> Reading:
    parts = pair.array()
    if len(parts) == 2:  # noqa: PLR2004 - time and value
        at, text = parts
        value = number(text) if isinstance(text, str) else None
        if isinstance(at, int | Decimal) and 0 <= at <= _LATEST and value is not None:
            if not value.is_finite():
                summary = f"`{what}` is {value}, and no number"
                raise StageError("query-no-number", summary)
            return Reading(value, Decimal(at))
    raise OutputUnreadable("query-pair", "a value is a pair of a time and a text", place=what)
