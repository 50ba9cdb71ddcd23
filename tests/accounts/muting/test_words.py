import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.accounts.muting.words import Phrases, count, spelled


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("cafe", "Un CAFÉ, s'il vous plaît"),
        ("café", "cafe\u0301 noir"),
        ("ÉCOLE", "l'école est finie"),
        ("strasse", "Die Straße"),
        ("don't", "I don't know"),
        ("climate change", "climate-change!"),
        ("ΟΔΟΣ", "η οδός"),
        ("ещё", "И ЕЩЁ раз"),
        ("كتاب", "هذا كِتَابٌ جديد"),
        ("שלום", "שָׁלוֹם לכולם"),
        ("किताब", "मेरी किताब"),
        ("고양이", "작은 고양이 둘"),
        ("黒猫", "小さな黒猫です"),
        ("カフェ", "ｶﾌｪで"),
        ("แมว", "แมวน้อย"),
    ],
)
def test_a_word_is_found_whatever_its_case_accents_and_script(word: str, text: str):
    assert Phrases.of([word]).stand_in([text])


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("cat", "concatenate cats catalogue"),
        ("é", "étage"),
        ("किता", "मेरी किताब"),
        ("고양", "작은 고양이"),
        ("climate change", "climate will change"),
        ("白猫", "小さな黒猫です"),
    ],
)
def test_a_part_of_a_word_is_none(word: str, text: str):
    assert not Phrases.of([word]).stand_in([text])


def test_a_phrase_is_found_in_a_hashtag_that_has_no_spaces():
    phrases = Phrases.of(["climate change", "Fête"])
    assert phrases.stand_in([], ["climatechange"])
    assert phrases.stand_in([], ["fete"])
    assert phrases.stand_in([], ["ma_fête"])
    assert not phrases.stand_in(["climate", "change"], ["fetes"])


def test_letters_are_counted_as_people_count_them():
    assert [count(word) for word in ("é", "e\u0301", "no", "!?", "고양", "黒猫", "c3")] == [1, 1, 2, 0, 2, 2, 2]


@given(st.text(), st.text(), st.text())
def test_words_stand_for_themselves_and_change_nothing_around_them(word: str, before: str, after: str):
    assert spelled(spelled(word)) == spelled(word)
    assert spelled(word) in spelled(f"{before} {word} {after}")
    assert Phrases.of([word]).stand_in([f"{before} {word} {after}"]) == bool(spelled(word).strip())
    assert spelled(f"{before} {word}") == spelled(before)[:-1] + spelled(word)
