"""Registration, login and the first administrator."""

from sqlalchemy.exc import IntegrityError

from orders.clock import Clock
from orders.database import Database
from orders.errors import ConflictError, NotAuthenticatedError
from orders.limits import Limiter
from orders.models import Role, User
from orders.passwords import hash_password, verify_password
from orders.repositories import users
from orders.tokens import Identity, TokenSigner


class Accounts:
    """The use cases about users."""

    def __init__(
        self,
        database: Database,
        signer: TokenSigner,
        attempts: Limiter,
        clock: Clock,
        *,
        password_cost: int,
        attempt_limit: int,
    ) -> None:
        """Store users in the database and sign their tokens."""
        self._database = database
        self._signer = signer
        self._attempts = attempts
        self._clock = clock
        self._password_cost = password_cost
        self._attempt_limit = attempt_limit
        self._decoy = hash_password("decoy", cost=password_cost)

    def register(self, email: str, password: str, role: Role = Role.CUSTOMER) -> User:
        """Create a user, refusing an address that is taken."""
        user = User(
            email=email.lower(),
            password_hash=hash_password(password, cost=self._password_cost),
            role=role.value,
            created_at=self._clock(),
        )
        try:
            with self._database.writing() as session:
                return users.add(session, user)
        except IntegrityError as error:
            raise ConflictError("this address is already registered") from error

    def login(self, email: str, password: str) -> str:
        """Return a token, spending the same time on unknown addresses as on known ones."""
        address = email.lower()
        self._attempts.take(address, self._attempt_limit)
        with self._database.reading() as session:
            user = users.by_email(session, address)
        stored = self._decoy if user is None else user.password_hash
        if not verify_password(password, stored) or user is None:
            raise NotAuthenticatedError("the address or the password is wrong")
        self._attempts.forget(address)
        return self._signer.issue(Identity(user_id=user.id, role=Role(user.role)))

    def profile(self, identity: Identity) -> User:
        """Return the user behind an identity."""
        with self._database.reading() as session:
            user = users.by_id(session, identity.user_id)
        if user is None:
            raise NotAuthenticatedError("this account no longer exists")
        return user

    def ensure_admin(self, email: str, password: str) -> None:
        """Create the first administrator unless the address is registered."""
        with self._database.reading() as session:
            known = users.by_email(session, email.lower())
        if known is None:
            self.register(email, password, Role.ADMIN)
