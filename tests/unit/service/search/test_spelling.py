"""Names are found by whoever writes them a little differently; the names are made up after the fashion of registers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litopys.service.search.spelling import LEAST_STEM, format_query, one_spelling, stem_of, stems_of, words_of

SCHOOL = "Знам'янська загальноосвітня школа І-ІІІ ступенів №12 «Орлятко» Вільненської районної ради Київської області"
LYCEUM = "Комунальний заклад “Івано-Заріченський ліцей–інтернат” ім. Марії Ґудзь"
COMPANY = "Товариство з обмеженою відповідальністю «Перше травня-2»"


def finds(question: str, *texts: str) -> bool:
    """What the database does with the query: every word, by its stem or as a beginning."""
    stems, query = stems_of(texts), format_query(question)
    assert query is not None
    return all(any(_fits(part, stem) for stem in stems) for part in query.split(" & "))


def _fits(part: str, stem: str) -> bool:
    return any(
        stem.startswith(lexeme) if is_prefix else stem == lexeme
        for lexeme, is_prefix in re.findall(r"'([^']*)'(:\*)?", part)
    )


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (SCHOOL, "знам’янської школи"),
        (SCHOOL, "ЗНАМʼЯНСЬКА ШКОЛА"),
        (SCHOOL, "Знамянську загальноосвітню"),
        (SCHOOL, "школи I-III ступеня"),
        (SCHOOL, "школа I-IIІ ст. № 12"),
        (SCHOOL, "Київська обл"),
        (SCHOOL, "вільненський район"),
        (SCHOOL, '"Орлятка"'),
        (SCHOOL, "загальноосв шк"),
        (LYCEUM, "ліцею-інтернату імені Ґудзь"[:16]),
        (LYCEUM, "івано-заріченського ліцею"),
        (LYCEUM, "закладом комунальним"),
        (LYCEUM, "Марія Ґудзь"),
        (COMPANY, "товариства з обмеженою відповідальності"),
        (COMPANY, "перше травня 2"),
        ("ЗОШ І-ІІІ ст. с. Новий Буг", "ЗОШ I-III ст."),
        ("ЗОШ І-ІІІ ст. с. Новий Буг", "зош нового буга"),
        ("вул. Шевченка, 18а", "шевченко 18-А"),
        ("вул. Шевченка, 18а", "Шевченкові"),
        ("м. Київ", "Києва"),
        ("до Києва", "київ"),
        ("Львівський р-н, м. Львів", "Львові"),
        ("гімназія Харкова", "гімназій харків"),
        ("за\u0301мок", "замок"),
        ("Садовии\u0306 провулок", "садовий"),
    ],
)
def test_a_name_is_found_in_another_form(text, question):
    assert finds(question, text)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (SCHOOL, "школа №1"),
        (SCHOOL, "школа №123"),
        (SCHOOL, "школа санаторна"),
        (SCHOOL, "сільської ради"),
        ("Лисівка", "Лісівка"),
        ("Ганок", "Ґанок"),
        ("Їжакова", "Іжакова"),
        ("ЗОШ ІІ ст.", "ЗОШ І ст."),
        ("міст", "місто"[:5] + "к"),
    ],
)
def test_another_name_is_not(text, question):
    assert not finds(question, text)


@pytest.mark.parametrize(
    "forms",
    [
        "школа школи школі школу школою школо школам школами школах",
        "ліцей ліцею ліцеєм ліцеї ліцеїв ліцеям ліцеями ліцеях",
        "заклад закладу закладом закладові закладі заклади закладів закладам закладами закладах",
        "гімназія гімназії гімназію гімназією гімназій гімназіям гімназіями гімназіях",
        "область області областю областей областям",
        "київський київського київському київським київська київської київській київську київською київські київських",
        "відповідальність відповідальності відповідальністю",
        "харків харкова харкову харковом харкові",
        "шевченко шевченка шевченку шевченкові шевченком",
        "село села селу селом селі селами",
    ],
)
def test_all_forms_of_a_word_have_one_stem(forms):
    assert len({stem_of(form) for form in forms.split()}) == 1


letters = st.sampled_from("абвгґдеєжзиіїйклмнопрстуфхцчшщьюяАБІЇЄҐ'’ʼ-")
names = st.text(st.one_of(letters, st.sampled_from(' «»"№.,0123456789IVXabc')), min_size=1, max_size=60)


@given(names, st.randoms(use_true_random=False))
def test_a_name_finds_itself_in_any_order_of_its_words(name, draw):
    words = re.split(r"\s+", name)
    draw.shuffle(words)
    question = " ".join(words)
    if format_query(question) is None:
        assert words_of(name) == []
    else:
        assert finds(question, name)
        assert one_spelling(question) == one_spelling(name)


@given(names)
def test_case_and_apostrophes_make_no_difference(name):
    plain = name.translate(dict.fromkeys(map(ord, "'’ʼ")))
    assert words_of(name.upper()) == words_of(name) == words_of(plain.lower())


@given(names)
def test_a_mark_that_is_left_out_makes_no_difference(name):
    assert words_of(name + "\u200b") == words_of(name)


def test_every_character_by_itself_is_compared_as_between_others():
    for code in (*range(0x500), *range(0x2000, 0x2200)):
        assert words_of(chr(code)) == words_of(f"\u200b{chr(code)}"), hex(code)


@given(st.text(max_size=80))
def test_any_text_becomes_words_that_need_no_escaping(text):
    for word in words_of(text):
        assert re.fullmatch(r"[^\W_]+", word)
        assert 1 <= len(word) <= 60
        assert stem_of(stem_of(word)) == stem_of(word)
        assert len(stem_of(word)) >= min(LEAST_STEM, len(word))


@pytest.mark.parametrize("text", ["", " ", "«»", "— - .", "'", "\u0301"])
def test_a_text_without_words_is_no_question(text):
    assert format_query(text) is None
