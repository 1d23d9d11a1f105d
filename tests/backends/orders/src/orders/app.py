"""Builds the application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Match, Route

from orders import __version__
from orders.clock import Clock, utc_now
from orders.container import Container, build
from orders.errors import OrdersError, TooManyRequestsError
from orders.middleware import Observed
from orders.routes import auth, events, operations, orders, products
from orders.schemas import Problem
from orders.settings import Settings

ROUTERS = tuple(module.router for module in (auth, products, orders, events, operations))


def create_app(settings: Settings, clock: Clock = utc_now) -> FastAPI:
    """Return the service with the given settings."""
    container = build(settings, clock)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        await run_in_threadpool(_create_first_admin, container)
        yield
        container.database.close()

    app = FastAPI(
        title="Orders",
        version=__version__,
        summary="Accounts, products, orders with stock reservation, and live order events.",
        lifespan=lifespan,
        docs_url=None,  # the pages load foreign scripts, which our headers forbid
        redoc_url=None,
    )
    app.state.container = container
    app.add_middleware(Observed, metrics=container.metrics)
    app.add_exception_handler(OrdersError, _refuse)
    app.add_exception_handler(400, _refuse_unreadable)
    app.add_exception_handler(405, _tell_methods)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _create_first_admin(container: Container) -> None:
    settings = container.settings
    if settings.admin_email and settings.admin_password:
        container.accounts.ensure_admin(settings.admin_email, settings.admin_password)


async def _refuse(request: Request, error: Exception) -> JSONResponse:
    del request
    if not isinstance(error, OrdersError):
        raise error
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}  # noqa: PLR2004
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_after)
    problem = Problem(code=error.code, message=error.message)
    return JSONResponse(problem.model_dump(), status_code=error.status, headers=headers)


async def _refuse_unreadable(request: Request, error: Exception) -> JSONResponse:
    """Answer as all refusals do where the framework cannot read a body."""
    del request, error
    problem = Problem(code="unreadable", message="the body cannot be read")
    return JSONResponse(problem.model_dump(), status_code=400)


async def _tell_methods(request: Request, error: Exception) -> JSONResponse:
    """Name all methods of a path; the framework names those of the first route that fits."""
    fitting = (
        route.methods or set()
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    )
    methods = sorted(set().union(*fitting))
    detail = error.detail if isinstance(error, HTTPException) else ""
    return JSONResponse({"detail": detail}, status_code=405, headers={"Allow": ", ".join(methods)})
