"""Registration and login."""

from fastapi import APIRouter, Depends

from orders.routes.dependencies import Caller, Parts, limit_requests, refusals
from orders.schemas import Credentials, TokenOut, UserOut

router = APIRouter(prefix="/auth", tags=["auth"], dependencies=[Depends(limit_requests)])


@router.post(
    "/register", status_code=201, summary="Register a customer", responses=refusals(400, 401, 409)
)
def register(body: Credentials, parts: Parts) -> UserOut:
    """Create a customer account."""
    return UserOut.model_validate(parts.accounts.register(body.email, body.password))


@router.post("/login", summary="Log in", responses=refusals(400, 401))
def login(body: Credentials, parts: Parts) -> TokenOut:
    """Exchange an address and its password for a token."""
    token = parts.accounts.login(body.email, body.password)
    return TokenOut(access_token=token, expires_in=parts.signer.lifetime_seconds)


@router.get("/me", summary="Show the caller", responses=refusals(401))
def me(caller: Caller, parts: Parts) -> UserOut:
    """Return the account behind the token."""
    return UserOut.model_validate(parts.accounts.profile(caller))
