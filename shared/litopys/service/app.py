"""The application that every process serves: problems, a body limit, /healthz /readyz /metrics /version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Response
from pydantic import BaseModel, Field

from litopys.service import metrics
from litopys.service.edge import Edge
from litopys.service.measuring import measure_clients, measure_pools
from litopys.service.problems import install_problems
from litopys.service.settings import MAX_BODY_BYTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    Ready = Callable[[], Awaitable[Mapping[str, str | None]]]

# What FastAPI would record by itself contains validation texts with the input in them.
_NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}


class Health(BaseModel):
    """Answer of /healthz: the process turns its loop."""

    status: Annotated[str, Field(examples=["ok"])]


class Readiness(BaseModel):
    """Answer of /readyz: `ready`, and per thing it waits for what is missing (null: nothing)."""

    ready: bool
    checks: dict[str, str | None]


class Version(BaseModel):
    """Answer of /version."""

    service: str
    name: str
    version: str


def create_app(
    *,
    service: str,
    name: str,
    description: str,
    ready: Ready,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
) -> FastAPI:
    """Build the application of one process.

    `ready` is asked by /readyz and answers per check what is missing, or None where nothing is; see `Readiness`.
    """
    app = FastAPI(
        title=f"Litopys {service} {name}",
        version=metrics.build_version(),
        description=description,
        lifespan=lifespan,
        telemetry=_NO_TELEMETRY,
        docs_url=None,
        redoc_url=None,
    )
    install_problems(app)
    app.add_middleware(Edge, max_body_bytes=max_body_bytes)
    _add_operations(app, ready=ready, version=Version(service=service, name=name, version=metrics.build_version()))
    return app


def _add_operations(app: FastAPI, *, ready: Ready, version: Version) -> None:
    @app.get("/healthz", tags=["operations"])
    async def healthz() -> Health:
        """Answer that the process lives."""
        return Health(status="ok")

    @app.get("/readyz", tags=["operations"], responses={503: {"model": Readiness, "description": "Not ready"}})
    async def readyz(response: Response) -> Readiness:
        """Answer whether the process can do its work, and if not, what it waits for."""
        checks = dict(await ready())
        is_ready = _measure_ready(checks)
        response.status_code = 200 if is_ready else 503
        response.headers["Cache-Control"] = "no-cache"
        return Readiness(ready=is_ready, checks=checks)

    @app.get("/metrics", include_in_schema=False)
    async def metrics_page() -> Response:
        """Answer all metrics in Prometheus' text form; what is measured by asking is asked now."""
        _measure_ready(await ready())
        measure_clients()
        measure_pools()
        body, content_type = metrics.format_metrics()
        return Response(body, media_type=content_type)

    @app.get("/version", tags=["operations"])
    async def version_page() -> Version:
        """Answer what is running."""
        return version


def _measure_ready(checks: Mapping[str, str | None]) -> bool:
    is_ready = all(missing is None for missing in checks.values())
    metrics.READY.set(is_ready)
    return is_ready
