"""The stage `http`, against a service that does everything right, and one fault at a time."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of, recorded
from stages.shop_service import ADMIN, OWN_ORIGIN, PUBLIC, Shop, certificate, served

from gates.domain.finding import Severity
from gates.formats.probe_rules import RULES
from gates.plugin import StageError, StageResult
from gates.stages import load
from gates.stages.http import MOST_BYTES, Http, HttpOptions
from gates.testing import FakeService

PLAN = recorded("http/plan.yaml").decode()
LIMITED = HttpOptions(
    plan="plan.yaml",
    sets=("rate-limit",),
    limits={"anonymous": "7/15min /catalogue", "customer": "9/15min /orders"},
)
LOGIN = HttpOptions(
    plan="plan.yaml",
    sets=("login",),
    login={"identity": "customer", "attempts": "3/15min"},
)
WHOLE = HttpOptions(
    plan="plan.yaml",
    sets=("requests", "headers", "cors", "authentication", "roles", "health", "metrics"),
    openapi="/openapi.json",
    public=PUBLIC,
    private={"/orders/{order}": "customer"},
    hsts=True,
    origins=(OWN_ORIGIN,),
    health={"/health": "/status = ok", "/ready": ""},
)


@dataclass
class LocalService(FakeService):
    """A service whose address says what it speaks."""

    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def context(folder: Path, *, plan: str = PLAN) -> FakeContext:
    ctx = fake_context(folder, {"plan.yaml": plan})
    ctx.settings["SHOP_ADMIN"] = ADMIN
    ctx.answer("-I", stdout=b"[true]")
    return ctx


def asked(ctx: FakeContext, options: HttpOptions, shop: Shop) -> StageResult:
    stage = Http(options)
    stage.check()
    with served(shop) as port:
        ctx.given_services["api"] = FakeService(port=port)
        return stage.run(ctx)


def problem(ctx: FakeContext, options: HttpOptions, shop: Shop) -> StageError:
    with pytest.raises(StageError) as caught:
        asked(ctx, options, shop)
    assert caught.value.problem.hint
    return caught.value


def rules(result: StageResult) -> set[str]:
    return {finding.rule for finding in result.findings}


def test_a_service_that_does_everything_right(tmp_path: Path) -> None:
    ctx = context(tmp_path)

    result = asked(ctx, WHOLE, Shop())

    told = metrics_of(result)
    assert result.findings == ()
    checks = [m for m in result.metrics if m.name == "checks"]
    assert {dict(m.tags).get("set", "") for m in checks} == {"", *WHOLE.sets}
    assert all(m.numerator == m.denominator for m in checks)
    assert checks[0].denominator == result.examined.count > 90
    assert told["requests"] == dict(result.examined.details)["requests"]
    assert result.notes == ()
    record = json.loads((ctx.out / "http.json").read_text())
    assert len(record["checks"]) == result.examined.count
    assert len(record["requests"]) == told["requests"]


FAULTS: dict[str, set[str]] = {
    "without Strict-Transport-Security": {"http/hsts-missing"},
    "hsts-short": {"http/hsts-missing"},
    "without Content-Security-Policy": {"http/csp-missing"},
    "without Content-Security-Policy on 404": {"http/csp-missing"},
    "without Content-Security-Policy on 405": {"http/csp-missing"},
    "csp-empty": {"http/csp-missing"},
    "without X-Content-Type-Options": {"http/nosniff-missing"},
    "without X-Frame-Options": {"http/frame-protection-missing"},
    "csp-loose": {"http/csp-missing"},
    "frames-open": {"http/frame-protection-missing"},
    "frames-hosts": {"http/frame-protection-missing"},
    "without Referrer-Policy": {"http/referrer-policy-missing"},
    "referrer-unsafe": {"http/referrer-policy-missing"},
    "referrer-unknown": {"http/referrer-policy-missing"},
    "server-version": {"http/software-told"},
    "powered-by": {"http/software-told"},
    "cacheable": {"http/answer-cacheable"},
    "cors-reflects": {"http/cors-foreign-origin"},
    "cors-lookalike": {"http/cors-foreign-origin", "http/cors-preflight"},
    "cors-suffix": {"http/cors-foreign-origin", "http/cors-preflight"},
    "cors-scheme": {"http/cors-foreign-origin", "http/cors-preflight"},
    "cors-below": {"http/cors-foreign-origin", "http/cors-preflight"},
    "cors-missing": {"http/cors-foreign-origin", "http/cors-null-origin"},
    "cors-unasked": {"http/cors-own-origin"},
    "cors-any": {"http/cors-any-origin"},
    "cors-null": {"http/cors-null-origin", "http/cors-preflight"},
    "cors-preflight": {"http/cors-preflight"},
    "cors-own": {"http/cors-own-origin"},
    "cors-vary": {"http/cors-vary"},
    "any-token": {"http/token-not-verified"},
    "small-letters": {"http/token-not-verified"},
    "unsigned": {"http/token-not-verified"},
    "head-open": {"http/authentication-missing"},
    "looks-first": {"http/authentication-not-shown", "http/role-not-shown"},
    "role-exceeded": {"http/role-exceeded"},
    "role-refused": {"http/role-refused"},
    "role-unclear": {"http/role-not-shown"},
    "unready": {"http/health-failing"},
    "health-body": {"http/health-failing"},
    "metrics": {"http/metrics-unreadable"},
    "metrics-type": {"http/metrics-unreadable"},
    "unlisted": {"http/role-not-in-matrix"},
}
"""A fault, and the rules that see it: no other may."""


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_seen_by_its_rule_alone(tmp_path: Path, fault: str) -> None:
    result = asked(context(tmp_path), WHOLE, Shop(frozenset({fault})))

    assert rules(result) == FAULTS[fault]
    failed = metrics_of(result)
    assert failed["requests"] != 0
    whole = next(m for m in result.metrics if m.name == "failed" and not m.tags)
    assert whole.value == len(result.findings)
    for finding in result.findings:
        assert finding.counts[0] == "failed"
        assert finding.counts[1].startswith('failed{set="')
        assert "curl -si" in finding.fix or finding.rule == "http/role-not-in-matrix"
        assert ADMIN not in finding.fix
        assert "token-of" not in finding.message + finding.fix


def test_an_operation_that_asks_for_no_credentials(tmp_path: Path) -> None:
    result = asked(context(tmp_path), WHOLE, Shop(frozenset({"open"})))

    assert rules(result) == {"http/authentication-missing", "http/role-exceeded"}
    first = next(f for f in result.findings if f.rule == "http/authentication-missing")
    assert first.severity is Severity.CRITICAL
    assert first.cwe == (306,)
    assert first.owasp == "A07:2025 Authentication Failures"


def test_somebody_who_sees_what_another_owns(tmp_path: Path) -> None:
    result = asked(context(tmp_path), WHOLE, Shop(frozenset({"no-owner"})))

    assert rules(result) == {"http/role-exceeded", "http/status"}


def test_credentials_for_any_origin(tmp_path: Path) -> None:
    options = HttpOptions(sets=("cors",), any_origin=True)

    (tmp_path / "b").mkdir()

    result = asked(context(tmp_path), options, Shop(frozenset({"cors-credentials"})))
    fine = asked(context(tmp_path / "b"), options, Shop(frozenset({"cors-any"})))

    assert rules(result) == {"http/cors-credentials"}
    assert fine.findings == ()


LIMIT_FAULTS: dict[str, set[str]] = {
    "limit-missing": {"http/rate-limit-missing"},
    "limit-early": {"http/rate-limit-early"},
    "limit-once": {"http/rate-limit-lifted"},
    "limit-forwarded": {"http/rate-limit-bypassed"},
    "no-wait": {"http/retry-after-invalid"},
    "wait-long": {"http/retry-after-invalid"},
    "wait-words": {"http/retry-after-invalid"},
}


@pytest.mark.parametrize("fault", LIMIT_FAULTS)
def test_each_fault_of_a_limit(tmp_path: Path, fault: str) -> None:
    options = HttpOptions(sets=("rate-limit",), limits={"anonymous": "7/15min /catalogue"})
    shop = Shop(frozenset({fault}), limit=7)

    assert rules(asked(context(tmp_path), options, shop)) == LIMIT_FAULTS[fault]


def test_limits_as_documented(tmp_path: Path) -> None:
    shop = Shop(limit=7)
    options = HttpOptions(sets=("rate-limit",), limits={"anonymous": "7/15min /catalogue"})

    result = asked(context(tmp_path), options, shop)

    assert result.findings == ()
    assert metrics_of(result)["requests"] == 11  # three more while it is refused
    assert shop.used["anonymous"] == 11


def test_a_limit_that_is_larger_than_documented(tmp_path: Path) -> None:
    options = HttpOptions(sets=("rate-limit",), limits={"anonymous": "7/15min /catalogue"})
    loose = HttpOptions(
        sets=("rate-limit",), limits={"anonymous": "7/15min /catalogue"}, tolerance=1
    )
    (tmp_path / "b").mkdir()

    assert rules(asked(context(tmp_path), options, Shop(limit=8))) == {"http/rate-limit-missing"}
    assert rules(asked(context(tmp_path / "b"), loose, Shop(limit=8))) == set()


def test_limits_of_several_callers(tmp_path: Path) -> None:
    plan = PLAN.replace("setup:", "setup_of_nothing:", 1).partition("setup_of_nothing:")[0]
    options = HttpOptions(
        plan="plan.yaml",
        sets=("rate-limit",),
        limits={"anonymous": "7/15min /catalogue", "customer": "7/15min /orders"},
    )

    assert asked(context(tmp_path, plan=plan), options, Shop(limit=7)).findings == ()


LOGIN_FAULTS: dict[str, set[str]] = {
    "login-unlimited": {"http/login-unlimited"},
    "login-bypassed": {"http/login-limit-bypassed"},
    "login-accepts": {"http/wrong-password-accepted", "http/login-unlimited", "http/users-told"},
    "users-status": {"http/users-told"},
    "users-words": {"http/users-told"},
    "users-header": {"http/users-told"},
    "login-fails": {"http/login-failing"},
    "login-spelling": {"http/login-limit-bypassed"},
    "login-forwarded": {"http/login-limit-bypassed"},
    "no-wait": {"http/retry-after-invalid"},
}


@pytest.mark.parametrize("fault", LOGIN_FAULTS)
def test_each_fault_of_a_login(tmp_path: Path, fault: str) -> None:
    result = asked(context(tmp_path), LOGIN, Shop(frozenset({fault})))

    assert rules(result) == LOGIN_FAULTS[fault]
    assert all("right-" not in f.fix + f.message for f in result.findings)


def test_a_login_that_is_limited_as_documented(tmp_path: Path) -> None:
    result = asked(context(tmp_path), LOGIN, Shop())

    assert result.findings == ()
    assert result.notes == ("the 3 requests of the plan were not asked here",)


def test_a_login_that_is_limited_too_early(tmp_path: Path) -> None:
    options = HttpOptions(
        plan="plan.yaml", sets=("login",), login={"identity": "customer", "attempts": "6/15min"}
    )

    assert rules(asked(context(tmp_path), options, Shop())) == {"http/login-limit-early"}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("status: [200, 203]", "status: 203", "http/status"),
        ("Set-Cookie: {absent: true}", "Set-Cookie: {present: true}", "http/header"),
        ("body: {contains: first}", "body: {contains: second}", "http/body"),
        ("/note: first", "/note: second", "http/json"),
        ("{type: integer}", "{type: string}", "http/json"),
        ("{contains: new}", "{contains: old}", "http/json"),
        ("/customer: {present: true}", "/customer: {absent: true}", "http/json"),
        ("time: 10s", "time: 0.001ms", "http/time"),
    ],
)
def test_each_expectation_can_fail(tmp_path: Path, old: str, new: str, rule: str) -> None:
    assert old in PLAN
    ctx = context(tmp_path, plan=PLAN.replace(old, new))
    if rule == "http/status":
        ctx.answers.clear()
        ctx.answer("-I", stdout=b"[true]")

    result = asked(ctx, HttpOptions(plan="plan.yaml"), Shop())

    assert [finding.rule for finding in result.findings] == [rule]
    assert result.findings[0].subject == "show an order (GET /orders/{order})"


def test_a_pattern_that_does_not_match(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    ctx.answer("-I", stdout=b"[false]")

    result = asked(ctx, HttpOptions(plan="plan.yaml"), Shop())

    assert rules(result) == {"http/header"}
    assert "to match `^[0-9a-f]{8}$`, got `0123abcd`" in result.findings[0].message
    assert json.loads((ctx.out / "patterns.json").read_text()) == [["^[0-9a-f]{8}$", "0123abcd"]]


def test_what_is_not_looked_at_is_told(tmp_path: Path) -> None:
    options = HttpOptions(plan="plan.yaml", sets=("headers", "roles", "tls"))

    assert asked(context(tmp_path), options, Shop()).notes == (
        "set `tls` does not apply: the address of the service is http",
        "Strict-Transport-Security was not looked at: the address of the service is http",
        "Cache-Control was not looked at: `private:` names no answer for one caller",
        "the matrix of roles was not compared with an OpenAPI document (`openapi:`)",
        "the 3 requests of the plan were not asked here",
    )


def test_a_fingerprint_outlives_ports_and_ids(tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shop = Shop(frozenset({"role-exceeded"}))
        found.append(asked(context(tmp_path / name), WHOLE, shop).findings)

    assert found[0]
    assert [f.fingerprint for f in found[0]] == [f.fingerprint for f in found[1]]
    assert len({f.fingerprint for f in found[0]}) == len(found[0])


@pytest.mark.parametrize(
    ("options", "shop", "slug"),
    [
        (HttpOptions(sets=("tls",)), Shop(), "nothing-to-check"),
        (HttpOptions(sets=("health",)), Shop(frozenset({"answers-all"})), "answers-all"),
        (HttpOptions(sets=("metrics",)), Shop(frozenset({"answers-all"})), "answers-all"),
        (HttpOptions(sets=("headers",)), Shop(frozenset({"answers-all"})), "page-there"),
        (HttpOptions(sets=("headers",), pages=("/nowhere",)), Shop(), "page-not-there"),
        (HttpOptions(sets=("headers",), refused="GET /health"), Shop(), "page-there"),
        (HttpOptions(sets=("headers",)), Shop(frozenset({"wrong-fails"})), "page-there"),
        (HttpOptions(sets=("cors",), pages=("/helth",)), Shop(), "page-not-there"),
        (HttpOptions(sets=("authentication",), openapi="/nowhere"), Shop(), "no-document"),
        (HttpOptions(sets=("authentication",), openapi="api.json"), Shop(), "file-unreadable"),
        (HttpOptions(sets=("authentication",), public=("GET /helth",)), Shop(), "no-operation"),
        (
            HttpOptions(
                sets=("authentication",),
                public=(
                    *PUBLIC,
                    "GET /orders/{order_id}",
                    "POST /orders",
                    "DELETE /orders/{order_id}",
                ),
            ),
            Shop(),
            "nothing-protected",
        ),
        (HttpOptions(sets=("headers",), pages=("/catalogue",)), Shop(limit=-1), "limited"),
        (
            HttpOptions(sets=("rate-limit",), limits={"anonymous": "2/1s /nowhere"}),
            Shop(),
            "limit-unfit",
        ),
        (
            HttpOptions(
                plan="plan.yaml", sets=("rate-limit",), limits={"nobody": "2/1s /catalogue"}
            ),
            Shop(),
            "no-identity",
        ),
        (
            HttpOptions(
                plan="plan.yaml", sets=("login",), login={"identity": "admin", "attempts": "2/1s"}
            ),
            Shop(),
            "no-login",
        ),
        (HttpOptions(plan="other.yaml"), Shop(), "file-unreadable"),
    ],
)
def test_nothing_to_look_at_is_no_pass(
    tmp_path: Path, options: HttpOptions, shop: Shop, slug: str
) -> None:
    assert problem(context(tmp_path), options, shop).problem.slug == slug


@pytest.mark.parametrize(
    ("old", "new", "slug", "words"),
    [
        ("json: {note: first}", "body: '{'", "step-failed", "POST /orders was expected to answer"),
        ("/id, where", "/none, where", "not-captured", "has no member `none`"),
        ("where: Location", "where: Lost", "not-captured", "it is not there"),
        (
            "token: /access_token",
            "token: /lost",
            "login-failed",
            "`/lost` of the answer is no text",
        ),
        ("SHOP_ADMIN", "SHOP_OTHER", "no-setting", "`SHOP_OTHER` is not set"),
        ("GET {where}", "GET /orders/{nothing}", "no-value", "captured as `nothing`"),
        ("may_everything: true", "may_everything: false", "matrix-vacuous", "`admin` is denied"),
        (
            "customer: allowed",
            "customer: denied",
            "matrix-vacuous",
            "`customer` is allowed nothing",
        ),
    ],
)
def test_a_plan_that_does_not_hold(
    tmp_path: Path, old: str, new: str, slug: str, words: str
) -> None:
    plan = PLAN.replace(old, new)
    assert plan != PLAN
    error = problem(context(tmp_path, plan=plan), WHOLE, Shop())
    assert (error.problem.slug, words in error.problem.summary) == (slug, True)


def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    with served(Shop()) as port:
        ctx.given_services["api"] = FakeService(port=port)

    with pytest.raises(StageError) as caught:
        Http(HttpOptions(sets=("health",))).run(ctx)
    assert caught.value.problem.slug == "no-answer"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (HttpOptions(), "set `requests` needs `plan`"),
        (HttpOptions(sets=()), "`sets` holds each once of"),
        (HttpOptions(sets=("tls", "tls")), "`sets` holds each once of"),
        (HttpOptions(sets=("headrs",)), "`sets` holds each once of"),
        (HttpOptions(sets=("rate-limit", "tls")), "gate of its own"),
        (HttpOptions(sets=("rate-limit",)), "needs `limits`"),
        (HttpOptions(sets=("login",), plan="p"), "needs `login`"),
        (HttpOptions(sets=("health",), hsts=True), "`hsts` is looked at by `headers`"),
        (HttpOptions(sets=("rate-limit",), limits={"anonymous": "many"}), "is no limit"),
        (HttpOptions(sets=("rate-limit",), limits={"admin": "1/s"}), "stands in a `plan`"),
        (HttpOptions(sets=("health",), health={"ready": ""}), "is no path"),
        (HttpOptions(sets=("authentication",), public=("health",)), "is no request"),
        (HttpOptions(sets=("cors",), origins=("shop.example",)), "is no origin"),
        (HttpOptions(sets=("cors",), origins=("https://a.*.example",)), "is no origin"),
        (HttpOptions(sets=("headers",), pages=()), "hold a path"),
        (HttpOptions(sets=("headers",), private={"/me": "a"}), "stand in a `plan`"),
        (HttpOptions(plan="../p"), "must stay in the project"),
        (HttpOptions(plan="p", sets=("login",), login={"identity": "a"}), "`login` says"),
        (
            HttpOptions(
                plan="p", sets=("login",), login={"identity": "a", "attempts": "1/s", "user": "b"}
            ),
            "are JSON pointers",
        ),
    ],
)
def test_options_that_do_not_fit(options: HttpOptions, words: str) -> None:
    with pytest.raises(ValueError, match="`") as caught:
        Http(options).check()
    assert words in str(caught.value)


def test_it_asks_a_service_and_is_known() -> None:
    assert load("http") is Http
    assert Http(HttpOptions()).asks_service()


def test_every_rule_that_a_fault_shows_has_a_severity() -> None:
    shown = set().union(*FAULTS.values(), *LIMIT_FAULTS.values(), *LOGIN_FAULTS.values())
    assert shown <= RULES.keys()


def test_a_service_where_tls_ends(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    certificate(ctx.root)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(ctx.root / "both.pem")
    tls.minimum_version = ssl.TLSVersion.TLSv1_2

    with served(Shop(), tls=tls) as port:
        ctx.given_services["api"] = LocalService(port=port, scheme="https")
        result = Http(HttpOptions(sets=("tls", "headers"), ca="cert.pem")).run(ctx)

    assert result.findings == ()
    assert len([m for m in result.metrics if m.name == "checks"]) == 3
    assert all("Strict-Transport-Security" not in note for note in result.notes)


def test_a_plan_that_asks_nothing(tmp_path: Path) -> None:
    plan = PLAN.partition("requests:")[0]
    error = problem(context(tmp_path, plan=plan), HttpOptions(plan="plan.yaml"), Shop())
    assert error.problem.summary == "set `requests` checks nothing"


def test_a_document_in_a_file(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    ctx.write("api.json", json.dumps(Shop().document()))
    options = HttpOptions(sets=("authentication",), openapi="api.json", public=PUBLIC)

    assert asked(ctx, options, Shop()).examined.count == 16


def test_a_file_that_is_no_document(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    with ctx.write("api.json").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    options = HttpOptions(sets=("authentication",), openapi="api.json")

    with pytest.raises(StageError, match="is larger than"):
        asked(ctx, options, Shop())
