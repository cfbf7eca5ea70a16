"""A sector as `litopys new-sector` lays it out: one stream with two rules, an importer, samples, a search, their tests.

Under `files/` every file stands where it will stand, its name ending in `.template`. `SECTOR`, `STREAM` and `DNS` in a
path, and words in double braces in a text, are filled in; nothing else is worked out.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

_SUFFIX: Final = ".template"
_WORD: Final = re.compile(r"\{\{(\w+)\}\}")
_COMPOSE: Final = "docker-compose.service.template"


class Names(NamedTuple):
    """What is filled in: the sector and its stream in snake_case, the plural as in paths, and a title for people."""

    sector: str
    stream: str
    plural: str
    title: str

    @property
    def dns(self) -> str:
        """The sector's name where an underscore may not stand, as in Kubernetes."""
        return self.sector.replace("_", "-")

    def words(self) -> dict[str, str]:
        """Give every word that a template may name."""
        noun = self.stream.replace("_", " ")
        return {
            "sector": self.sector,
            "dns": self.dns,
            "title": self.title,
            "stream": self.stream,
            "Stream": "".join(part.capitalize() for part in self.stream.split("_")),
            "STREAM": self.stream.upper(),
            "streams": self.plural,
            "noun": noun,
            "Noun": noun.capitalize(),
        }


def laid_out(names: Names) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield path, from the root of the checkout, and text of every file of a new sector."""
    for path, text in _templates(files(__name__) / "files", PurePosixPath()):
        if path.name != _COMPOSE:
            place = str(path).removesuffix(_SUFFIX).replace("SECTOR", names.sector).replace("STREAM", names.stream)
            place = place.replace("DNS", names.dns)
            yield PurePosixPath(place), filled(text, names.words())


def compose_service(names: Names, port: int) -> str:
    """Give the sector's entry in `docker-compose.yml`; `port` is where it answers on the developer's machine."""
    text = (files(__name__) / "files" / _COMPOSE).read_text(encoding="utf-8")
    return filled(text, {**names.words(), "port": str(port)})


def filled(text: str, words: Mapping[str, str]) -> str:
    """Fill words in; raises KeyError for one that nobody gave."""
    return _WORD.sub(lambda found: words[found[1]], text)


def _templates(folder: Traversable, place: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    for one in sorted(folder.iterdir(), key=lambda item: item.name):
        if one.is_dir():
            yield from _templates(one, place / one.name)
        elif one.name.endswith(_SUFFIX):
            yield place / one.name, one.read_text(encoding="utf-8")
