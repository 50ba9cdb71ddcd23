"""Every code that the code raises has words."""

import re
from pathlib import Path

import penchant.media
from penchant.media.reasons import REASONS, reason_for


def test_every_refusal_has_words() -> None:
    room = Path(penchant.media.__file__).parent
    used = set()
    for path in room.rglob("*.py"):
        text = path.read_text("utf-8")
        used |= set(re.findall(r'(?:Refusal|Refused|MediaRefused|reason_for)\(\s*"([a-z_]+)"', text))
    assert used
    assert used <= set(REASONS)


def test_words_are_sentences_and_an_unknown_code_reads_like_a_crash() -> None:
    for reason in REASONS.values():
        assert reason.text.endswith(".")
        assert len(reason.text) < 140
    assert reason_for("from_the_future").text == REASONS["crashed"].text
    assert reason_for("from_the_future").retry


def test_every_code_has_words_in_french_too() -> None:
    page = Path(__file__).parents[2] / "ui" / "src" / "pages" / "reasons.ts"
    assert set(re.findall(r"^  ([a-z_]+): '", page.read_text("utf-8"), re.MULTILINE)) == set(REASONS)
