"""How texts are made comparable: words as Ukrainian registers spell them, and stems that forgive their endings.

Nothing here needs a dictionary. Upper and lower case are one, apostrophes of every kind and stress marks are left out,
quotes, hyphens and points part words, letters part from digits ("18а" is "18", "а"). и, і, ї, є, ґ and й stay what they
are. Latin letters that stand for Cyrillic ones ("I-ІІІ" typed half in Latin) are read as Cyrillic. A stem is a word
without its endings of declension, at least three letters long; it is the same for all cases of most nouns, adjectives
and surnames. Not forgiven: vowels that change inside a word (школа, шкіл), and consonants (рука, руці).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

MOST_LETTERS: Final = 60
LEAST_STEM: Final = 3

_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’‘ʼʻ`´ʹ′ˈ＇"))
_IGNORED: Final = frozenset({"Mn", "Cf"})
# Nothing to leave out and one form already, so only capitals differ; whatever has another character goes the whole way.
_PLAIN: Final = re.compile(r'[ !"#$%&()*+,\-./0-9:;<=>?@\[\\\]_{|}~А-ЩЬЮЯа-щьюяІіЇїЄєҐґ«»№–—]*')
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_CYRILLIC: Final = re.compile("[\u0400-\u04ff]")
_ROMAN: Final = re.compile("[ivx]+")
# Small letters: capitals that look alike have come down to these.
_LOOK_ALIKE: Final = str.maketrans("aceiopxyhkmtb", "асеіорхункмтв")
_ROMAN_AS_TYPED: Final = str.maketrans("ix", "іх")
# What is left of a word is looked at again, so that all its forms come down to one stem.
_ENDINGS: Final = frozenset(
    [
        *("ого", "ому", "ові", "еві", "єві", "ами", "ями", "ими", "іми", "їми"),
        *("ах", "ях", "их", "іх", "їх", "ам", "ям", "им", "ім", "їм", "ом", "ем", "єм", "ів", "їв", "ов", "ев", "єв"),
        *"аеєиіїоуюяйь",
    ]
)
_LONGEST_ENDING: Final = 3


class _Compared(dict[int, int | None]):
    """Which characters are compared, for `str.translate`: each is looked up in the Unicode tables once."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code)) in _IGNORED else code
        return self[code]


_compared: Final = _Compared()


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text in their order, each in the one spelling that is compared."""
    if _PLAIN.fullmatch(text):
        return [word[:MOST_LETTERS] for word in _WORD.findall(text.lower())]
    plain = unicodedata.normalize("NFC", text).translate(_APOSTROPHES).lower()
    plain = unicodedata.normalize("NFC", plain).translate(_compared)
    return [_in_one_script(word)[:MOST_LETTERS] for word in _WORD.findall(plain)]


@lru_cache(maxsize=1 << 14)
def stem_of(word: str) -> str:
    """Return the stem of a word that `words_of` gave; numbers and words of other scripts are their own stems."""
    if not _CYRILLIC.match(word):
        return word
    stem = word
    while (shorter := _without_ending(stem)) != stem:
        stem = shorter
    if stem.endswith("їв"):  # Київ, Києва
        return f"{stem[:-2]}єв"
    if stem.endswith("іст") and len(stem) > 5:  # відповідальність, відповідальності; not місто
        return f"{stem[:-3]}ост"
    return stem


def stems_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the stems of all words of some texts, each once, in alphabetical order."""
    return tuple(sorted(frozenset().union(*map(_stems, texts))))


@lru_cache(maxsize=1 << 12)
def _stems(text: str) -> frozenset[str]:
    """Registers say the same of many objects: a category, a purpose, a settlement."""
    return frozenset(map(stem_of, words_of(text)))


def format_query(text: str) -> str | None:
    """Make the tsquery that finds streams with all words of a text; None where the text has no word.

    A word finds its other cases, by its stem, and what it is the beginning of; a number or a single letter only itself.
    """
    return " & ".join(map(_format_word, dict.fromkeys(words_of(text)))) or None


def one_spelling(text: str) -> str:
    """Return a value by which persons are looked up as it is compared: the same words in any order are the same."""
    return " ".join(sorted(words_of(text)))


def _format_word(word: str) -> str:
    # A word is letters or digits alone, so it needs no escaping between quotes.
    if len(word) == 1 or word.isdigit():
        return f"'{word}'"
    return f"('{stem_of(word)}' | '{word}':*)"


def _without_ending(word: str) -> str:
    for length in range(min(_LONGEST_ENDING, len(word) - LEAST_STEM), 0, -1):
        if word[-length:] in _ENDINGS:
            return word[:-length]
    return word


def _in_one_script(word: str) -> str:
    if _CYRILLIC.search(word):
        return word.translate(_LOOK_ALIKE)
    if _ROMAN.fullmatch(word):
        return word.translate(_ROMAN_AS_TYPED)
    return word
