"""Wiring of a sealer's process: settings, logs, keys, then its lives."""

from __future__ import annotations

from litopys.service.logs import configure_logs
from litopys.service.measuring import measure_certificate
from litopys.service.run import run_process
from litopys.service.tracing import begin_tracing
from services.sealer.lives import make_setting, run_sealing
from services.sealer.settings import SealerSettings


def main() -> None:
    """Run the sealer until a signal ends it."""
    settings = SealerSettings()
    configure_logs(service="sealer", name=settings.name, level=settings.log_level)
    begin_tracing(settings.otlp_endpoint, service="sealer", name=settings.name)
    measure_certificate(settings.kafka_certificate_file)
    run_process(lambda stopping: run_sealing(make_setting(settings), stopping))
