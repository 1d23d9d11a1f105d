"""Password hashing with scrypt; the cost travels with the hash, so it can be raised later."""

import base64
import hashlib
import hmac
import secrets

BLOCK_SIZE = 8
PARALLELISM = 1
SALT_BYTES = 16
KEY_BYTES = 32
MEMORY_FACTOR = 256
FIELDS = 4


def hash_password(password: str, *, cost: int) -> str:
    """Return a salted hash of the password in the form `scrypt$cost$salt$key`."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = _derive(password, salt, cost)
    return f"scrypt${cost}${_encode(salt)}${_encode(key)}"


def verify_password(password: str, stored: str) -> bool:
    """Tell whether the password belongs to a stored hash, in constant time."""
    fields = stored.split("$")
    if len(fields) != FIELDS or fields[0] != "scrypt":
        return False
    salt, expected = base64.b64decode(fields[2]), base64.b64decode(fields[3])
    return hmac.compare_digest(_derive(password, salt, int(fields[1])), expected)


def _derive(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(
        password.encode(),
        salt=salt,
        n=cost,
        r=BLOCK_SIZE,
        p=PARALLELISM,
        maxmem=cost * BLOCK_SIZE * MEMORY_FACTOR,
        dklen=KEY_BYTES,
    )


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
