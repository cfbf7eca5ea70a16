"""`python -m services.documents` writes the documents of all sectors; with names, of these alone."""

import sys

from services.catalogue import sector_names
from services.documents import SERVICES
from services.documents.openapi import openapi_file
from services.documents.readme import readme
from services.documents.rules import rules_by_stream
from services.documents.schemas import schema_files


def main(names: tuple[str, ...]) -> None:
    """Write the documents of sectors."""
    for sector in names or sector_names():
        files = schema_files(sector)
        folder = SERVICES / sector / "schemas"
        folder.mkdir(exist_ok=True)
        for stale in set(folder.glob("*.json")) - set(files):
            stale.unlink()
        for path, text in [*files.items(), openapi_file(sector)]:
            path.write_text(text, encoding="utf-8")
        (SERVICES / sector / "README.md").write_text(readme(sector), encoding="utf-8")
        rules = sum(map(len, rules_by_stream(sector).values()))
        sys.stdout.write(f"{sector}: {len(files)} schemas, {rules} rules\n")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]))
