"""The configuration of the service, read once from the environment."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

MINIMUM_SECRET_LENGTH = 32


class SettingsError(ValueError):
    """The environment does not describe a service that may start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every value that a deployment can choose."""

    secret_key: str
    database_url: str = "sqlite:///orders.db"
    environment: str = "development"
    token_lifetime_seconds: int = 3600
    password_cost: int = 2**15
    pool_size: int = 20
    anonymous_limit: int = 100
    signed_in_limit: int = 1000
    login_attempts: int = 5
    limit_window_seconds: int = 900
    admin_email: str | None = None
    admin_password: str | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings from `ORDERS_*` variables, refusing what cannot be safe."""
        environment = env.get("ORDERS_ENVIRONMENT", "development")
        secret_key = env.get("ORDERS_SECRET_KEY", "")
        if not secret_key and environment == "development":
            secret_key = secrets.token_urlsafe(MINIMUM_SECRET_LENGTH)
        if len(secret_key) < MINIMUM_SECRET_LENGTH:
            message = f"ORDERS_SECRET_KEY needs at least {MINIMUM_SECRET_LENGTH} characters"
            raise SettingsError(message)
        return cls(
            secret_key=secret_key,
            database_url=env.get("ORDERS_DATABASE_URL", "sqlite:///orders.db"),
            environment=environment,
            token_lifetime_seconds=_positive(env, "ORDERS_TOKEN_LIFETIME_SECONDS", 3600),
            pool_size=_positive(env, "ORDERS_POOL_SIZE", 20),
            anonymous_limit=_positive(env, "ORDERS_ANONYMOUS_LIMIT", 100),
            signed_in_limit=_positive(env, "ORDERS_SIGNED_IN_LIMIT", 1000),
            login_attempts=_positive(env, "ORDERS_LOGIN_ATTEMPTS", 5),
            limit_window_seconds=_positive(env, "ORDERS_LIMIT_WINDOW_SECONDS", 900),
            admin_email=env.get("ORDERS_ADMIN_EMAIL"),
            admin_password=env.get("ORDERS_ADMIN_PASSWORD"),
        )


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        message = f"{name} must be a whole number above 0, not {text!r}"
        raise SettingsError(message)
    return int(text)
