"""`python -m deploy.docker.health [PATH]`: the health check of a container; needs neither a shell nor another program.

Asks the process that runs beside it for /healthz (it lives), or for /readyz (it can serve). Exit code 0 where it says
so, 1 with a word on stderr where it does not. Only the standard library: it runs every few seconds in every container.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

TIMEOUT_S = 4.0  # within the five seconds that the image gives the whole check
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 -- compared with, not listened on


def main() -> int:
    """Ask, and answer the exit code."""
    path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    host, port = os.environ.get("LITOPYS_HOST", ""), int(os.environ.get("LITOPYS_PORT", "8080"))
    wrong = find_wrong("127.0.0.1" if host in EVERYWHERE else host, port, path)
    if wrong is None:
        return 0
    sys.stderr.write(f"{path}: {wrong}\n")
    return 1


def find_wrong(host: str, port: int, path: str) -> str | None:
    """Answer what is wrong with the process at `host:port`, None where it answers `path` with 200."""
    connection = HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = answer.read(2_000).decode(errors="replace")
    except (OSError, HTTPException) as error:
        return f"no answer from {host}:{port}: {type(error).__name__} {error}"
    finally:
        connection.close()
    return None if answer.status == 200 else f"{answer.status} {said}"


if __name__ == "__main__":
    sys.exit(main())
