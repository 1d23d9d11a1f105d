"""Signed bearer tokens that expire: a JSON payload and its HMAC-SHA256."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta

from orders.clock import Clock
from orders.errors import NotAuthenticatedError
from orders.models import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is calling, as their token says."""

    user_id: int
    role: Role

    @property
    def is_admin(self) -> bool:
        """Whether the caller may administer the shop."""
        return self.role is Role.ADMIN


class TokenSigner:
    """Issues tokens and reads them back."""

    def __init__(self, secret_key: str, lifetime_seconds: int, clock: Clock) -> None:
        """Sign with the given key for the given time."""
        self._key = secret_key.encode()
        self._lifetime = timedelta(seconds=lifetime_seconds)
        self._clock = clock

    @property
    def lifetime_seconds(self) -> int:
        """How long a token lives."""
        return int(self._lifetime.total_seconds())

    def issue(self, identity: Identity) -> str:
        """Return a token that proves the identity until it expires."""
        expires = int((self._clock() + self._lifetime).timestamp())
        claims = {"sub": identity.user_id, "role": identity.role.value, "exp": expires}
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return f"{_encode(payload)}.{_encode(self._sign(payload))}"

    def read(self, token: str) -> Identity:
        """Return the identity of a genuine, unexpired token."""
        try:
            payload, signature = (_decode(part) for part in token.split("."))
        except ValueError as error:
            raise NotAuthenticatedError("the token is malformed") from error
        if not hmac.compare_digest(self._sign(payload), signature):
            raise NotAuthenticatedError("the token's signature is wrong")
        claims = json.loads(payload)
        if claims["exp"] <= self._clock().timestamp():
            raise NotAuthenticatedError("the token has expired")
        return Identity(user_id=claims["sub"], role=Role(claims["role"]))

    def _sign(self, payload: bytes) -> bytes:
        return hmac.new(self._key, payload, hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(text) from error
