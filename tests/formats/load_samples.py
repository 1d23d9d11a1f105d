"""What the tests of load reports share: recordings, and reports made after them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

LOCUST = Path(__file__).parents[1] / "stages/data/locust/2.47.0"
BENCHMARKS = Path(__file__).parents[1] / "stages/data/pytest_benchmark/5.3.1"

Json = dict[str, object]


def locust(name: str) -> bytes:
    """What Locust 2.47.0 wrote against a small server on the same machine."""
    return (LOCUST / name).read_bytes()


def benchmarks(name: str) -> bytes:
    """What pytest-benchmark 5.3.1 wrote."""
    return (BENCHMARKS / name).read_bytes()


def endpoint(**changes: object) -> Json:
    """100 requests, of which 90 took 10 ms and 10 took 120 ms, as Locust tells of them."""
    return {
        "name": "/orders",
        "method": "GET",
        "start_time": 1000.0,
        "last_request_timestamp": 1010.0,
        "num_requests": 100,
        "num_none_requests": 0,
        "num_failures": 0,
        "total_response_time": 2100.0,
        "min_response_time": 10.0,
        "max_response_time": 120.0,
        "total_content_length": 0,
        "response_times": {"10": 90, "120": 10},
        "num_reqs_per_sec": {"1000": 60, "1009": 40},
        "num_fail_per_sec": {},
        **changes,
    }


def failing(failures: int, **changes: object) -> Json:
    """The same, of which so many failed."""
    return endpoint(num_failures=failures, num_fail_per_sec={"1000": failures}, **changes)


def report(*endpoints: Json) -> bytes:
    """What `--json-file` holds."""
    return json.dumps(endpoints).encode()


STATS = {"avg": 20.0, "min": 1.0, "med": 15.0, "max": 300.0, "p(90)": 40.0, "p(95)": 60.0}
"""Times in milliseconds, made after the documentation of k6."""

EXPECTED = "http_req_duration{expected_response:true}"


def k6_export(
    failed: int = 0,
    *,
    requests: int = 2000,
    expected: Mapping[str, object] | None = None,
    **metrics: object,
) -> bytes:
    """What k6 writes by `--summary-export`, made after its documentation.

    Args:
        failed: requests that failed.
        requests: all of them.
        expected: times of the others, where they are told.
        metrics: further metrics, or others in place of the usual ones.
    """
    return json.dumps(
        {
            "root_group": {"name": "", "path": "", "groups": {}, "checks": {}},
            "metrics": {
                "http_reqs": {"count": requests, "rate": 100.0},
                "http_req_failed": {
                    "passes": failed,
                    "fails": requests - failed,
                    "value": failed / requests,
                },
                "http_req_duration": {**STATS, "thresholds": {"p(95)<100": False}},
                **({} if expected is None else {EXPECTED: expected}),
                **metrics,
            },
        }
    ).encode()


def k6_handled(failed: int = 0, *, requests: int = 2000, **metrics: object) -> bytes:
    """What `handleSummary(data)` is given, made after k6's documentation."""
    rate = {"rate": failed / requests, "passes": failed, "fails": requests - failed}
    return json.dumps(
        {
            "options": {"summaryTrendStats": list(STATS)},
            "state": {"testRunDurationMs": 20000.0},
            "root_group": {"name": "", "groups": [], "checks": []},
            "metrics": {
                "http_reqs": {
                    "type": "counter",
                    "contains": "default",
                    "values": {"count": requests, "rate": 100.0},
                },
                "http_req_failed": {"type": "rate", "contains": "default", "values": rate},
                "http_req_duration": {
                    "type": "trend",
                    "contains": "time",
                    "values": STATS,
                    "thresholds": {"p(95)<1": {"ok": False}},
                },
                **metrics,
            },
        }
    ).encode()


def k6_machine(
    failed: int = 0, *, version: str = "1.0.0", checks: Mapping[str, object] | None = None
) -> bytes:
    """What k6 writes by `--new-machine-readable-summary`, made after its schema 1.0.0."""
    rate = {"matches": failed, "total": 2000, "rate": failed / 2000}
    results: Json = {
        "metrics": [
            machine_metric("http_reqs", {"count": 2000, "rate": 100.0}),
            machine_metric("http_req_failed", rate),
            machine_metric("http_req_duration", STATS),
        ]
    }
    return json.dumps(
        {
            "version": version,
            "config": {"duration": 20.0},
            "metadata": {"generatedAt": "2026-01-01T00:00:00Z", "k6Version": "v2.2.0"},
            "results": results if checks is None else {**results, "checks": checks},
        }
    ).encode()


def machine_metric(name: str, values: object) -> Json:
    """One metric of the machine-readable summary."""
    return {"name": name, "type": "trend", "contains": "time", "values": values}


def benchmark(name: str = "test_a.py::test_a", *, iterations: int = 1, **stats: object) -> Json:
    """Twenty rounds of 10 ms, and the last of them 30 ms, as pytest-benchmark tells of them."""
    data = [0.01] * 19 + [0.03]
    return {
        "name": name.rpartition(":")[2],
        "fullname": name,
        "stats": {
            "min": 0.01,
            "max": 0.03,
            "mean": 0.011,
            "total": 0.22,
            "rounds": 20,
            "iterations": iterations,
            "data": data,
            **stats,
        },
    }


def saved(*entries: Json, version: str = "5.3.1") -> bytes:
    """What `--benchmark-json` holds."""
    return json.dumps({"version": version, "benchmarks": entries}).encode()
