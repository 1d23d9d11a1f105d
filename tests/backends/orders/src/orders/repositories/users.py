"""Users in the database."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.models import User


def by_id(session: Session, user_id: int) -> User | None:
    """Return the user with this id."""
    return session.get(User, user_id)


def by_email(session: Session, email: str) -> User | None:
    """Return the user with this address, which is stored in lower case."""
    return session.scalar(select(User).where(User.email == email))


def add(session: Session, user: User) -> User:
    """Store a new user and give it its id."""
    session.add(user)
    session.flush()
    return user
