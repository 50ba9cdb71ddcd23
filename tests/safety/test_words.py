"""Lists of words and links: what is meant is found however it is written, and nothing that only looks like it."""

from pathlib import Path

import pytest

from penchant.core.errors import SettingWrong
from penchant.lab.bench_texts import LabelledText, labelled_links, labelled_texts, measure_links, measure_words
from penchant.safety.detection.links import LinkDetector, domains_in, parse_links, read_links
from penchant.safety.detection.normal_text import words_of
from penchant.safety.detection.spam import text_print
from penchant.safety.detection.words import WordDetector, WordList, read_words
from penchant.safety.ports import Exhibit


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Häßlich CAFÉ", ["haslich", "cafe"]),
        ("b1tco1n", ["bitcoin"]),
        ("s p a m", ["spam"]),
        ("s.p.a.m me", ["spam", "me"]),
        ("сlаim", ["claim"]),
        ("ｆｕｌｌ​ ｗｉｄｔｈ", ["ful", "width"]),
        ("in 1984 at 10:30", ["in", "1984", "at", "10", "30"]),
        ("привет", ["привет"]),
        ("I am a B", ["i", "am", "a", "b"]),
        ("$ 5", ["5"]),
        ("", []),
    ],
)
def test_words_as_they_are_meant(written: str, meant: list[str]):
    assert words_of(written) == meant


def test_phrases_are_whole_words_with_a_gap_where_a_star_is():
    detector = WordDetector([WordList("spam", ("send * money", "ass"))])

    def found(text: str) -> bool:
        return bool(detector.look(Exhibit(texts={"comment": text})))

    assert found("send money")
    assert found("please SEND me all your moneyy")
    assert not found("send me one two three four money")
    assert not found("a classic passage")
    (finding,) = detector.look(Exhibit(texts={"title": "A$s"}))
    assert (finding.label, finding.evidence) == ("spam", {"field": "title", "phrase": "as"})


def test_a_list_counts_in_its_languages_only():
    detector = WordDetector([WordList("hate", ("mot",), languages=("fr",))])
    for language, count in (("fr", 1), ("fr-CA", 1), ("", 1), ("en", 0)):
        assert len(detector.look(Exhibit(texts={"title": "mot"}, language=language))) == count


@pytest.mark.parametrize(
    ("read", "found"),
    [
        ("buycheap followers here", True),
        ("Buycheapfollowershere", True),
        ("cheap\nfollowers", True),
        ("sendall yourBTC now", True),
        ("send one two three four five BTC", False),
        ("cheap to follow", False),
        ("subset", False),
    ],
)
def test_a_phrase_is_found_where_a_reader_of_pictures_lost_its_spaces(read: str, found: bool):
    detector = WordDetector([WordList("spam", ("cheap followers", "send * your btc", "sub set"))])
    assert bool(detector.look(Exhibit(texts={"on_screen": read}))) == found


def test_lost_spaces_are_looked_for_in_pictures_only():
    detector = WordDetector([WordList("spam", ("cheap followers",))])
    assert detector.look(Exhibit(texts={"title": "cheapfollowers"})) == []


def test_without_their_spaces_listed_texts_are_still_found_and_harmless_ones_are_not():
    detector = WordDetector(read_words())

    def labels(field: str, one: LabelledText, text: str) -> set[str]:
        return {finding.label for finding in detector.look(Exhibit(texts={field: text}, language=one.language))}

    typed = [one for one in labelled_texts() if labels("comment", one, one.text)]
    kept = [one for one in typed if labels("on_screen", one, one.text.replace(" ", "")) >= {one.label}]
    assert len(kept) >= 0.9 * len(typed)
    for one in labelled_texts():
        if not one.label:
            assert labels("on_screen", one, one.text) == labels("on_screen", one, one.text.replace(" ", "")) == set()


def test_the_shipped_lists_on_the_labelled_texts():
    rows = {(row.language, row.label): row for row in measure_words(labelled_texts())}
    for (_, label), row in rows.items():
        assert row.false_positives == 0, "harmless texts, traps among them"
        if label == "all":
            assert row.found / row.of >= 0.75
            assert row.harmless >= 20


def test_listed_domains_and_nothing_beside_them():
    (row,) = measure_links(*labelled_links())
    assert (row.found, row.false_positives) == (row.of, 0)
    assert domains_in("HTTP://WWW.Example.ORG/x?y=z.example.com") == ["example.org", "z.example.com"]
    detector = LinkDetector({"example.org": "scam", "bit.ly": "shortener"})
    findings = detector.look(Exhibit(texts={"title": "a.b.example.org and bit.ly/x", "comment": "example.org"}))
    assert [(one.label, one.evidence["domain"], one.evidence["field"]) for one in findings] == [
        ("scam_link", "example.org", "title"),
        ("spam", "bit.ly", "title"),
    ]


def test_lists_of_the_operator_are_read_or_refused_with_a_sentence(tmp_path: Path):
    own = tmp_path / "own.toml"
    own.write_text('[[list]]\nlabel = "spam"\nphrases = ["buy my soap"]\n', "utf-8")
    assert read_words(own)[-1].phrases == ("buy my soap",)
    for wrong in ("list = 1", "[[list]]\nlabel = 'spam'", "[[list]", "[[list]]\nlabel='x'\nphrases=[]\nmore=1"):
        own.write_text(wrong, "utf-8")
        with pytest.raises(SettingWrong, match="safety_words"):
            read_words(own)
    with pytest.raises(SettingWrong, match="cannot be read"):
        read_words(tmp_path / "missing.toml")
    assert parse_links(["# a list", "", "Example.org", "b.example shortener # why"], "x") == {
        "example.org": "scam",
        "b.example": "shortener",
    }
    for line in ("nodots", "a.example what", "a.example scam more"):
        with pytest.raises(SettingWrong, match="line 2 of x"):
            parse_links(["", line], "x")
    with pytest.raises(SettingWrong, match="cannot be read"):
        read_links(tmp_path / "missing.txt")


def test_texts_that_differ_in_tricks_have_one_print():
    one = text_print("Join my crypto group, 500 a day!")
    assert one == text_print("day... a JOIN my crypt0 gr0up 900")
    assert one is not None
    assert one != text_print("Join my knitting group, 500 a day!")
    assert 0 <= one < 1 << 63
    assert text_print("so good") is None
    assert text_print("😂😂😂 1 2 3 4 5") is None
