"""A service for tests of probes: it does everything right, but for the faults that it is given."""

from __future__ import annotations

import json
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ADMIN = "admin-token-0123456789"
OWN_ORIGIN = "https://shop.example"
PUBLIC = ("GET /health", "GET /ready", "GET /metrics", "POST /auth/login", "POST /auth/register")
METRICS = "# TYPE orders_total counter\norders_total 3\n"

Headers = dict[str, str]
Answer = tuple[int, Headers, bytes]
ALLOWED: Answer = (204, {}, b"")


@dataclass(slots=True)
class Shop:
    """Accounts and orders, kept in memory.

    Attributes:
        faults: what it does wrong.
        limit: requests that one caller may make; 0 for no limit.
        attempts: wrong passwords that one user may give.
    """

    faults: frozenset[str] = frozenset()
    limit: int = 0
    attempts: int = 3
    users: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=lambda: {ADMIN: "admin"})
    orders: dict[int, dict[str, object]] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    seen: list[str] = field(default_factory=list)

    def has(self, fault: str) -> bool:
        return fault in self.faults

    def answer(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        self.seen.append(f"{method} {path}")
        if method == "OPTIONS" and "origin" in headers and not self.has("cors-unasked"):
            status, own, content = ALLOWED
        elif (method, path) == ("POST", "/health") and self.has("wrong-fails"):
            status, own, content = problem(500)
        else:
            status, own, content = self.route(method, path.partition("?")[0], headers, body)
        whole = {**self.safe(status), **self.cors(method, headers, status), **own}
        if "authorization" in headers and not self.has("cacheable"):
            whole["Cache-Control"] = "private, no-store"
        return status, whole, content

    def route(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        if path in {"/auth/login", "/auth/register"} and method == "POST":
            return self.account(path, json.loads(body), headers)
        if path.split("/")[1] == "orders":
            return self.guarded(method, path, headers, body)
        open_to_all: dict[str, Callable[[], Answer]] = {
            "/health": self.health,
            "/ready": self.ready,
            "/metrics": self.metrics,
            "/openapi.json": lambda: found(self.document()),
            "/catalogue": lambda: self.refused("anonymous", headers) or found([]),
        }
        if method == "GET" and path in open_to_all:
            return open_to_all[path]()
        if self.has("answers-all"):
            return found({})
        return problem(405 if path in open_to_all else 404)

    def health(self) -> Answer:
        return found({"status": "bad" if self.has("health-body") else "ok"})

    def ready(self) -> Answer:
        return problem(503) if self.has("unready") else found({"status": "ok"})

    def metrics(self) -> Answer:
        text = "orders_total three\n" if self.has("metrics") else METRICS
        kind = "text/html" if self.has("metrics-type") else "text/plain; version=0.0.4"
        return 200, {"Content-Type": kind}, text.encode()

    def document(self) -> dict[str, object]:
        labels = [*PUBLIC, "GET /orders/{order_id}", "POST /orders", "DELETE /orders/{order_id}"]
        if self.has("unlisted"):
            labels.append("GET /orders")
        paths: dict[str, dict[str, object]] = {}
        for label in labels:
            method, _, path = label.partition(" ")
            operation: dict[str, object] = {"responses": {"200": {"description": "good"}}}
            if "{order_id}" in path:
                operation["parameters"] = [
                    {"name": "order_id", "in": "path", "required": True, "schema": {}}
                ]
            if method == "POST":
                operation["requestBody"] = {"content": {"application/json": {}}}
            paths.setdefault(path, {})[method.lower()] = operation
        return {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": paths}

    def account(self, path: str, given: dict[str, str], headers: Headers) -> Answer:
        name, password = given["email"], given["password"]
        if path == "/auth/register":
            self.users[name] = password
            return 201, {}, b"{}"
        most = self.attempts - 1 if self.has("login-early") else self.attempts
        is_used_up = self.wrong[name] >= most and not self.has("login-unlimited")
        if self.has("login-forwarded") and "x-forwarded-for" in headers:
            is_used_up = False
        user = name.lower() if self.has("login-spelling") else name
        is_right = self.users.get(user) == password
        if is_used_up and not (is_right and self.has("login-bypassed")):
            return problem(429, **({} if self.has("no-wait") else {"Retry-After": "900"}))
        if not is_right and not (self.has("login-accepts") and name in self.users):
            self.wrong[name] += 1
            told = self.has("users-words") and name not in self.users
            status = 404 if self.has("users-status") and name not in self.users else 401
            status = 500 if self.has("login-fails") else status
            content = {"code": "unknown" if told else "wrong", "id": len(self.seen)}
            is_marked = self.has("users-header") and name in self.users
            marks = {"Set-Cookie": "known=1"} if is_marked else {}
            return status, marks, json.dumps(content).encode()
        token = f"token-of-{name}"
        self.tokens[token] = name
        return found({"access_token": token})

    def guarded(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        who = self.tokens.get(token, "")
        if token.startswith("bearer ") and self.has("small-letters"):
            who = "admin"
        if token.endswith(".") and self.has("unsigned"):
            who = "admin"
        if method == "HEAD":
            return (200, {}, b"") if who or self.has("head-open") else problem(401)
        if token and self.has("any-token"):
            who = who or "admin"
        if not token and self.has("open"):
            who = "admin"
        if self.has("looks-first") and not who and body == b'{"note":"again"}':
            return problem(422)
        if not who:
            return problem(401, **{"WWW-Authenticate": "Bearer"})
        return self.refused(who, headers) or self.order(method, path, who, body)

    def order(self, method: str, path: str, who: str, body: bytes) -> Answer:
        if method == "POST":
            return self.create(who, body)
        number = path.removeprefix("/orders").strip("/")
        if not number:
            return found([])
        order = self.orders.get(int(number))
        is_hidden = who not in {"admin", order["customer"] if order else ""}
        if method == "DELETE" and who != "admin" and not self.has("role-exceeded"):
            return problem(422 if self.has("role-unclear") else 403)
        if order is None or (is_hidden and method == "GET" and not self.has("no-owner")):
            return problem(404)
        if method == "DELETE":
            return (204, {}, b"") if not self.has("role-refused") else problem(403)
        return found(order)

    def create(self, who: str, body: bytes) -> Answer:
        try:
            note = json.loads(body)["note"]
        except ValueError:
            return problem(422)
        number = len(self.orders) + 1
        self.orders[number] = {"id": number, "note": note, "customer": who, "tags": ["new"]}
        location = {"Location": f"/orders/{number}", "Content-Type": "application/json"}
        return 201, location, json.dumps(self.orders[number]).encode()

    def refused(self, who: str, headers: Headers) -> Answer | None:
        """The refusal of who asked too much."""
        self.used[who] += 1
        if self.has("limit-forwarded") and "x-forwarded-for" in headers:
            return None
        if self.has("limit-once") and self.used[who] > self.limit + 1:
            return None
        most = self.limit - 2 if self.has("limit-early") else self.limit
        if not self.limit or self.used[who] <= most or self.has("limit-missing"):
            return None
        wait = {"wait-long": "86400", "wait-words": "soon"}
        value = next((text for name, text in wait.items() if self.has(name)), "900")
        return problem(429, **({} if self.has("no-wait") else {"Retry-After": value}))

    def safe(self, status: int) -> Headers:
        headers = {
            "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
            "Content-Security-Policy": "default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Server": "shop",
            "X-Request-ID": "0123abcd",
        }
        changes = {
            "hsts-short": {"Strict-Transport-Security": "max-age=300"},
            "csp-empty": {"Content-Security-Policy": "upgrade-insecure-requests"},
            "frames-open": {"Content-Security-Policy": "default-src 'self'; frame-ancestors *"},
            "csp-loose": {"Content-Security-Policy": "default-src * 'unsafe-inline'"},
            "frames-hosts": {
                "Content-Security-Policy": "default-src 'self'; frame-ancestors https://*"
            },
            "referrer-unknown": {"Referrer-Policy": "banana"},
            "referrer-unsafe": {"Referrer-Policy": "no-referrer, unsafe-url"},
            "server-version": {"Server": "shop/1.2.3"},
            "powered-by": {"X-Powered-By": "Shop"},
        }
        for name, added in changes.items():
            headers |= added if self.has(name) else {}
        for name in list(headers):
            on_errors = self.has(f"without {name} on {status}")
            if self.has(f"without {name}") or on_errors:
                del headers[name]
        return headers

    def cors(self, method: str, headers: Headers, status: int) -> Headers:
        origin = headers.get("origin", "")
        is_preflight = method == "OPTIONS"
        name = "Access-Control-Allow-Origin"
        told: Headers = {}
        if origin == OWN_ORIGIN and not self.has("cors-own"):
            told = {name: origin, "Vary": "Origin", "Access-Control-Allow-Headers": "Authorization"}
            if self.has("cors-vary"):
                del told["Vary"]
        reflects = {
            "cors-reflects": bool(origin) and origin != "null" and not is_preflight,
            "cors-lookalike": origin.startswith(OWN_ORIGIN) and origin != OWN_ORIGIN,
            "cors-suffix": origin.endswith("shop.example") and origin != OWN_ORIGIN,
            "cors-scheme": origin == OWN_ORIGIN.replace("https", "http"),
            "cors-below": origin.endswith(".shop.example"),
            "cors-missing": bool(origin) and status == 404,
            "cors-null": origin == "null",
            "cors-preflight": is_preflight,
        }
        if any(self.has(fault) and holds for fault, holds in reflects.items()):
            told |= {name: origin, "Vary": "Origin"}
        if self.has("cors-any") and not is_preflight and origin != "null":
            told = {name: "*"}
        if self.has("cors-credentials"):
            told = {name: "*", "Access-Control-Allow-Credentials": "true"}
        return told


def found(document: object) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(document).encode()


def problem(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, named, json.dumps({"code": status}).encode()


class Handler(BaseHTTPRequestHandler):
    """Hands requests to the shop."""

    shop: Shop

    def handle_one(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        sent = {name.lower(): value for name, value in self.headers.items()}
        status, headers, body = self.shop.answer(
            self.command, self.path, sent, self.rfile.read(length)
        )
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    do_GET = do_HEAD = do_POST = do_DELETE = do_OPTIONS = handle_one  # noqa: N815 - names of the library

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def served(shop: Shop, *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of the shop while it is open."""
    handler = type("ShopHandler", (Handler,), {"shop": shop})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def certificate(folder: Path) -> Path:
    """A certificate for this machine with its key, in one file, made for this test."""
    import subprocess

    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    command = (
        "openssl req -x509 -nodes -days 2 -newkey rsa:2048 -subj /CN=localhost"
        f" -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both
