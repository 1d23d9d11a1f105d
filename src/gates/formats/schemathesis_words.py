"""What is said of the answers of an operation, and of the next step."""

from __future__ import annotations

from collections import Counter

SERVER_ERROR = 500
"""From this status on the service is at fault."""

NO_LIMIT = "lift the rate limiter for this gate with `env:`"
"""The next step where a rate limiter answered."""


def answers_of(statuses: Counter[int]) -> str:
    """`61 answers were 401, 2 were 404`."""
    if not statuses:
        return "no request reached it"
    most = statuses.most_common(3)
    parts = [f"{number} {'was' if number == 1 else 'were'} {status}" for status, number in most]
    return f"of {statuses.total()} answers {', '.join(parts)}"


def advice(statuses: Counter[int]) -> str:
    """The next step for whoever reads that no request succeeded."""
    status = statuses.most_common(1)[0][0] if statuses else 0
    if status in {401, 403}:
        return "give credentials: `headers` of the gate, or `[auth]` of schemathesis.toml"
    if status == 429:  # noqa: PLR2004
        return NO_LIMIT
    if status in {404, 405}:
        return (
            "see that `servers` of the document has the path below which the service answers, and"
            " give examples of parameters that exist"
        )
    if status >= SERVER_ERROR:
        return "see the log of the service"
    return "give examples in the document that the service accepts, or name it under `exclude`"
