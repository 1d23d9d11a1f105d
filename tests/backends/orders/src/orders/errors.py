"""Everything that can go wrong for a caller, each with a stable code and an HTTP status."""

from typing import ClassVar


class OrdersError(Exception):
    """Base of the errors that a caller may see."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(self, message: str) -> None:
        """Keep the message that is shown to the caller."""
        super().__init__(message)
        self.message = message


class NotAuthenticatedError(OrdersError):
    """The caller has not shown who they are."""

    code = "not_authenticated"
    status = 401


class ForbiddenError(OrdersError):
    """The caller is known but may not do this."""

    code = "forbidden"
    status = 403


class NotFoundError(OrdersError):
    """The thing does not exist, or the caller may not know that it does."""

    code = "not_found"
    status = 404


class ConflictError(OrdersError):
    """The request collides with the present state."""

    code = "conflict"
    status = 409


class OutOfStockError(ConflictError):
    """A product has fewer pieces left than the order asks for."""

    code = "out_of_stock"


class NotOnSaleError(ConflictError):
    """An order asks for a product that is not, or no longer, on sale."""

    code = "not_on_sale"


class InvalidTransitionError(ConflictError):
    """An order cannot go from its status to the requested one."""

    code = "invalid_transition"


class IdempotencyConflictError(ConflictError):
    """An idempotency key was used again with a different request."""

    code = "idempotency_conflict"


class TooManyRequestsError(OrdersError):
    """The caller exceeded a limit and is told when to come back."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        """Keep the number of seconds after which a new attempt can succeed."""
        super().__init__(message)
        self.retry_after = retry_after
