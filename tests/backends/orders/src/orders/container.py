"""The parts of one running service, put together in one place."""

from dataclasses import dataclass

from orders.clock import Clock
from orders.database import Database
from orders.limits import Limiter
from orders.metrics import Metrics
from orders.services.accounts import Accounts
from orders.services.cache import Cache
from orders.services.catalogue import Catalogue
from orders.services.events import Broadcaster
from orders.services.ordering import Ordering
from orders.settings import Settings
from orders.tokens import TokenSigner


@dataclass(frozen=True, slots=True)
class Container:
    """Everything that a route may ask for."""

    settings: Settings
    metrics: Metrics
    database: Database
    signer: TokenSigner
    limiter: Limiter
    broadcaster: Broadcaster
    accounts: Accounts
    catalogue: Catalogue
    ordering: Ordering


def build(settings: Settings, clock: Clock) -> Container:
    """Put a service together; nothing connects or listens yet."""
    metrics = Metrics()
    database = Database(settings.database_url, settings.pool_size, metrics)
    signer = TokenSigner(settings.secret_key, settings.token_lifetime_seconds, clock)
    broadcaster = Broadcaster(metrics)
    accounts = Accounts(
        database,
        signer,
        Limiter(settings.limit_window_seconds, clock),
        clock,
        password_cost=settings.password_cost,
        attempt_limit=settings.login_attempts,
    )
    return Container(
        settings=settings,
        metrics=metrics,
        database=database,
        signer=signer,
        limiter=Limiter(settings.limit_window_seconds, clock),
        broadcaster=broadcaster,
        accounts=accounts,
        catalogue=Catalogue(database, Cache(metrics, clock), clock),
        ordering=Ordering(database, broadcaster, metrics, clock),
    )
