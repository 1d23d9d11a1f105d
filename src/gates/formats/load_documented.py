"""The options of `load` in words, for the docs and the editor."""

from __future__ import annotations

from collections.abc import Mapping

RATE: Mapping[str, object] = {
    "help": "how often requests come, `400/s` or `24000/min`, or times the service's"
    " `expected_traffic`, `3x`; by default `1x`",
    "stricter": "higher",
}
DURATION: Mapping[str, object] = {
    "help": "how long the first run measures; by default `60s`",
    "stricter": "higher",
}
REQUESTS: Mapping[str, object] = {
    "help": "in place of `duration`: how many requests it has",
}
WARMUP: Mapping[str, object] = {
    "help": "how long it loads before each run without measuring",
}
MAX_DURATION: Mapping[str, object] = {
    "help": "how long all runs may last together until each condition is decided; by default four"
    " times the first",
}
PROFILE: Mapping[str, object] = {
    "help": "in place of a rate: users over time, `[100@2m, 100@5m, 0@2m]`, each step led to"
    " evenly from the one before, or `documented-ramp`: 2 min to 100 users, 5 min to"
    " 1,000, 2 min down; each user holds a connection and comes once every `pace`",
    "or_text": True,
}
PACE: Mapping[str, object] = {
    "help": "how often each user of a `profile` sends a request, without waiting for answers; by"
    " default `1s`, so that 100 users are 100 requests a second",
}
HOLD: Mapping[str, object] = {
    "help": "how many connections are held open; each must be there all the time",
}
EVERY: Mapping[str, object] = {
    "help": "how often each held connection is used; by default `10s`",
}
ARRIVALS: Mapping[str, object] = {
    "help": "`random`: as many in each second as the rate says, at random moments, as independent"
    " users come; `even`: after equal gaps",
}
CONNECTIONS: Mapping[str, object] = {
    "help": "how many connections may be open; by default four times the requests of a second,"
    " from 100 to 10,000; a request that finds none waits, and its time counts",
}
PATHS: Mapping[str, object] = {
    "help": "what is asked, in turn: `[GET /orders, GET /orders/7]`",
    "or_text": True,
}
PLAN: Mapping[str, object] = {
    "help": "in place of `paths`: a YAML or JSON file with `requests:`, each with `path` and,"
    " where wanted, `name`, `method`, `weight`, `headers`, `body`, `status`, `min_bytes`,"
    " `max_bytes`, `json` (pointer: value) and `present` (pointers); `{n}` and `{random}`"
    " stand for numbers",
    "policy_file": "told",
}
OPENAPI: Mapping[str, object] = {
    "help": "in place of `paths`: an OpenAPI document, a file or (with `/` first) a page of the"
    " service; its GET operations are asked, filled with its examples",
}
LOGIN: Mapping[str, object] = {
    "help": "a request that comes first: `path`, `body`, and `take`, the JSON pointer to the"
    " token in its answer; also `method` (POST), `content_type` (application/json) and"
    " `header` (`Authorization: Bearer {token}`)",
}
CONFIDENCE: Mapping[str, object] = {
    "help": "how sure an interval must be to decide a condition",
}
SLOW: Mapping[str, object] = {
    "help": "from when on `over` counts a request",
    "stricter": "lower",
}
PATIENCE: Mapping[str, object] = {
    "help": "how long answers are waited for at the end",
}
