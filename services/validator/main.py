"""Wiring of a validator's process: settings, logs, then the role that it plays."""

from __future__ import annotations

from litopys.service.garbage import collect_seldom
from litopys.service.logs import configure_logs
from litopys.service.measuring import measure_certificate
from litopys.service.run import run_process
from litopys.service.tracing import begin_tracing
from services.validator.check import run_checking
from services.validator.serve import run_serving
from services.validator.settings import ValidatorSettings


def main() -> None:
    """Run the role that LITOPYS_ROLE names until a signal ends it."""
    settings = ValidatorSettings()
    configure_logs(service=f"validator-{settings.role}", name=settings.name, level=settings.log_level)
    begin_tracing(settings.otlp_endpoint, service=f"validator-{settings.role}", name=settings.name)
    measure_certificate(settings.kafka_certificate_file)
    collect_seldom()
    run_role = {"check": run_checking, "serve": run_serving}[settings.role]
    run_process(lambda stopping: run_role(settings, stopping))
