"""What operators and probes ask for."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from orders import __version__
from orders.routes.dependencies import Parts
from orders.schemas import Health, Problem

router = APIRouter(tags=["operations"])


@router.get("/health", summary="Tell that the process lives")
def health() -> Health:
    """Answer without touching anything else."""
    return Health(status="ok", version=__version__)


@router.get(
    "/ready",
    summary="Tell whether requests can be served",
    response_model=Health,
    responses={503: {"model": Problem, "description": "Not ready"}},
)
def ready(parts: Parts) -> Response | Health:
    """Answer only when the database does."""
    if not parts.database.is_ready():
        problem = Problem(code="not_ready", message="the database does not answer")
        return JSONResponse(problem.model_dump(), status_code=503)
    return Health(status="ok", version=__version__)


@router.get(
    "/metrics",
    summary="Show the metrics",
    response_class=Response,
    responses={
        200: {
            "description": "The text format of Prometheus",
            "content": {"text/plain": {"example": "orders_created_total 3.0\n"}},
        }
    },
)
def metrics(parts: Parts) -> Response:
    """Return all metrics."""
    return Response(parts.metrics.render(), media_type=parts.metrics.content_type)
