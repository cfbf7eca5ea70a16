"""`python -m deploy.grafana`: write dashboards/*.json, or with `--check` say which are not what the code makes."""

import argparse
import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.frame import Page, build
from deploy.grafana.pages import PAGES

FOLDER = Path(__file__).parent / "dashboards"


def format_dashboards() -> dict[str, str]:
    """Return the text of every dashboard by the name of its file."""
    return {f"{page.uid}.json": _format(page) for page in PAGES}


def _format(page: Page) -> str:
    return json.dumps(build(page), cls=JSONEncoder, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def stale_files(folder: Path = FOLDER) -> list[str]:
    """Return the names of files that are missing, differ from what the code makes, or are made by no code."""
    made = format_dashboards()
    there = {path.name: path.read_text() for path in folder.glob("*.json")}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def main() -> None:
    """Write, or check. Exit code 1 where `--check` finds something."""
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; name what is not current")
    if parser.parse_args().check:
        stale = stale_files()
        sys.exit(f"not current: {', '.join(stale)}; `make dashboards` writes them" if stale else 0)
    for name in stale_files():
        (FOLDER / name).unlink(missing_ok=True)
    for name, text in format_dashboards().items():
        (FOLDER / name).write_text(text)
        print(f"deploy/grafana/dashboards/{name}")


if __name__ == "__main__":
    main()
