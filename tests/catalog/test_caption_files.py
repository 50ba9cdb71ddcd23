"""Captions: WebVTT and SRT in, plain WebVTT out; nothing of the file but times and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.catalog.captions import CHARACTERS, CUES, Cue, clean_language, overlapping, read, write
from penchant.core.errors import Invalid

WEBVTT = """WEBVTT - a title
Kind: captions

STYLE
::cue { background: url(https://example.org/track) }

NOTE nobody reads this

REGION
id:fred

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Ada><b>Hello</b>, <i>you</i> &amp; all</v>
second line

01:00:00.000 --> 01:00:01.000
1 &lt; 2 <script>alert(1)</script>
"""
SRT = (
    "1\r\n00:00:00,500 --> 00:00:01,000\r\n{\\an8}<font color=red>Bonjour</font>\r\n\r\n"
    "2\r\n00:00:01,000 --> 00:00:02,000\r\nà tous\r\n"
)


def test_of_webvtt_stay_times_and_words():
    cues = read(WEBVTT)
    assert cues == [
        Cue(1_000, 2_500, "Hello, you & all\nsecond line"),
        Cue(3_600_000, 3_601_000, "1 < 2 alert(1)"),
    ]
    written = write(cues)
    assert written.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello, you &amp; all\nsecond line\n\n")
    assert "1 &lt; 2 alert(1)" in written
    for gone in ("STYLE", "url(", "NOTE", "REGION", "align", "intro", "<"):
        assert gone not in written


def test_srt_with_windows_lines_and_a_mark_at_its_start():
    assert read("\ufeff" + SRT) == [Cue(500, 1_000, "Bonjour"), Cue(1_000, 2_000, "à tous")]


def test_cues_are_sorted_and_overlaps_counted():
    cues = read("WEBVTT\n\n00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:05.500\nearlier\n")
    assert [cue.text for cue in cues] == ["earlier", "later"]
    assert overlapping(cues) == 1
    assert overlapping(read(SRT)) == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither"),
        ("hello there\nthis is no caption\n", "neither"),
        ("WEBVTT\n", "no words"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<b></b>\n", "no words"),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nbackwards\n", "ends before it begins"),
        ("WEBVTT\n\n" + "00:01.000 --> 00:02.000\nword\n\n" * (CUES + 1), "at most"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * CHARACTERS, "at most"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(text: str, why: str):
    with pytest.raises(Invalid) as refused:
        read(text)
    assert why in refused.value.fields["text"]


_WORDS = st.text(st.characters(blacklist_categories=["Cc", "Cs"]), min_size=1, max_size=60)


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(1, 10**5), _WORDS), min_size=1, max_size=20))
def test_what_is_written_reads_the_same_again_whatever_the_words(entries: list[tuple[int, int, str]]):
    source = "WEBVTT\n\n" + write([Cue(start, start + length, words) for start, length, words in entries])[8:]
    try:
        cues = read(source)
    except Invalid:
        return
    assert read(write(cues)) == cues
    assert "<" not in write(cues).replace("-->", "")


@given(st.text(max_size=400))
def test_no_text_at_all_does_anything_but_be_refused_or_read(text: str):
    for source in (text, "WEBVTT\n\n" + text, "1\n00:00:00,000 --> 00:00:01,000\n" + text):
        try:
            assert read(source)
        except Invalid:
            continue


def test_languages():
    assert [clean_language(tag) for tag in ("en", "pt-BR", "zh-Hant", "gsw")] == ["en", "pt-BR", "zh-Hant", "gsw"]
    for wrong in ("", "english", "EN", "../en", "en\n", "pt-br"):
        with pytest.raises(Invalid):
            clean_language(wrong)
