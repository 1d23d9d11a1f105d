import base64
import json

import pytest

from orders.errors import NotAuthenticatedError
from orders.models import Role
from orders.passwords import hash_password, verify_password
from orders.tokens import Identity, TokenSigner
from shop import PASSWORD, SECRET_KEY, Shop, TurnableClock

ADA = {"email": "Ada@Example.com", "password": PASSWORD}


@pytest.fixture
def signer(clock: TurnableClock) -> TokenSigner:
    return TokenSigner(SECRET_KEY, 60, clock)


def test_a_customer_registers_and_logs_in(shop: Shop) -> None:
    registered = shop.client.post("/auth/register", json=ADA)
    assert registered.status_code == 201
    assert registered.json()["email"] == "ada@example.com"
    assert registered.json()["role"] == "customer"
    answer = shop.client.post("/auth/login", json=ADA).json()
    assert answer["token_type"] == "bearer"
    assert answer["expires_in"] == 3600
    me = shop.client.get("/auth/me", headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert me.json() == registered.json()


def test_an_address_registers_once(shop: Shop) -> None:
    shop.client.post("/auth/register", json=ADA)
    again = shop.client.post("/auth/register", json={**ADA, "email": "ada@example.com"})
    assert again.status_code == 409
    assert again.json() == {"code": "conflict", "message": "this address is already registered"}


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no-at-sign"},
        {"email": "two@at@signs.example"},
        {"password": "short"},  # pragma: allowlist secret
        {"password": "x" * 129},
        {"role": "admin"},
    ],
)
def test_registration_refuses_bad_input(refusing_shop: Shop, change: dict[str, str]) -> None:
    assert refusing_shop.client.post("/auth/register", json={**ADA, **change}).status_code == 422


def test_a_wrong_password_and_an_unknown_address_look_alike(shop: Shop) -> None:
    shop.client.post("/auth/register", json=ADA)
    wrong = shop.client.post("/auth/login", json={**ADA, "password": "not the right one"})
    unknown = shop.client.post("/auth/login", json={**ADA, "email": "eve@example.com"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.headers["www-authenticate"] == "Bearer"


def test_login_attempts_are_limited(shop: Shop, clock: TurnableClock) -> None:
    shop.client.post("/auth/register", json=ADA)
    wrong = {**ADA, "password": "not the right one"}  # pragma: allowlist secret
    answers = [shop.client.post("/auth/login", json=wrong).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    refused = shop.client.post("/auth/login", json=ADA)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "900"
    clock.forward(900)
    assert shop.client.post("/auth/login", json=ADA).status_code == 200


def test_a_successful_login_resets_the_attempts(shop: Shop) -> None:
    shop.client.post("/auth/register", json=ADA)
    wrong = {**ADA, "password": "not the right one"}  # pragma: allowlist secret
    for _ in range(2):
        for _ in range(4):
            assert shop.client.post("/auth/login", json=wrong).status_code == 401
        assert shop.client.post("/auth/login", json=ADA).status_code == 200


def test_a_token_expires(shop: Shop, clock: TurnableClock) -> None:
    headers = shop.signed_in()
    clock.forward(3599)
    assert shop.client.get("/auth/me", headers=headers).status_code == 200
    clock.forward(1)
    expired = shop.client.get("/auth/me", headers=headers)
    assert expired.status_code == 401
    assert expired.json()["message"] == "the token has expired"


def test_a_token_is_required(shop: Shop) -> None:
    assert shop.client.get("/auth/me").status_code == 401
    assert shop.client.get("/auth/me", headers={"Authorization": "Basic eDp5"}).status_code == 401


def test_the_account_behind_a_token_must_exist(shop: Shop) -> None:
    token = shop.parts.signer.issue(Identity(user_id=999, role=Role.CUSTOMER))
    answer = shop.client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.json()["message"] == "this account no longer exists"


def test_the_first_admin_is_created_once(shop: Shop) -> None:
    shop.parts.accounts.ensure_admin("ADMIN@example.com", "another password")
    assert shop.client.get("/auth/me", headers=shop.admin).json()["role"] == "admin"


def test_a_token_survives_the_round_trip(signer: TokenSigner) -> None:
    identity = Identity(user_id=7, role=Role.ADMIN)
    assert signer.read(signer.issue(identity)) == identity
    assert identity.is_admin


def test_a_changed_token_is_refused(signer: TokenSigner) -> None:
    payload, signature = signer.issue(Identity(user_id=7, role=Role.CUSTOMER)).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["role"] = "admin"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    with pytest.raises(NotAuthenticatedError, match="signature"):
        signer.read(f"{forged}.{signature}")


def test_another_key_is_refused(signer: TokenSigner, clock: TurnableClock) -> None:
    other = TokenSigner("z" * 40, 60, clock)
    with pytest.raises(NotAuthenticatedError, match="signature"):
        signer.read(other.issue(Identity(user_id=7, role=Role.CUSTOMER)))


@pytest.mark.parametrize("token", ["", "abc", "a.b.c", "!!.??", "é.é", "a.b"])
def test_a_malformed_token_is_refused(signer: TokenSigner, token: str) -> None:
    with pytest.raises(NotAuthenticatedError):
        signer.read(token)


def test_a_password_hash_is_salted_and_verifies() -> None:
    first, second = (hash_password(PASSWORD, cost=16) for _ in range(2))
    assert first != second
    assert verify_password(PASSWORD, first)
    assert not verify_password(PASSWORD + "x", first)


@pytest.mark.parametrize("stored", ["", "plain", "md5$1$2$3", "scrypt$16$only"])
def test_an_unknown_hash_never_verifies(stored: str) -> None:
    assert not verify_password(PASSWORD, stored)
