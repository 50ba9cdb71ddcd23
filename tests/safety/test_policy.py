"""What follows from which label: the file, its order, and what is wrong with a file that is no policy."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.core.errors import SettingWrong
from penchant.safety.model import RESTRICTIONS, Label
from penchant.safety.policy import CLEARED, parse_policy, read_policy

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SHIPPED = read_policy()


def label(name: str, source: str = "hash", confidence: int = 1000, id_: int = 1) -> Label:
    return Label(id_, name, source, confidence, {}, NOW)


def rule(**changes: object) -> str:
    lines = {
        "name": '"test"',
        "when": '["spam"]',
        "do": '"limit"',
        "basis": '"rules"',
        "words": '{ en = "spam" }',
    } | changes
    return "version = 1\n[[rules]]\n" + "\n".join(f"{name} = {value}" for name, value in lines.items())


def test_the_shipped_policy_speaks_every_language_of_the_page():
    for entry in SHIPPED.rules:
        if entry.do != "allow":
            assert set(entry.words) == {"en", "fr"}, entry.name


def test_a_sure_match_of_known_material_is_removed_by_itself_and_a_likely_one_held():
    sure = SHIPPED.judge("video", [label("known_illegal", "bank", 900)])
    likely = SHIPPED.judge("video", [label("known_illegal", confidence=500)])
    assert [(m.rule.do, m.rule.alone) for m in sure] == [("remove", True)]
    assert [(m.rule.do, m.rule.alone) for m in likely] == [("hold", True)]


def test_what_a_person_cleared_is_left_alone_but_for_what_stands_above():
    cleared = label(CLEARED, "moderator")
    assert SHIPPED.judge("video", [label("spam", "spam"), cleared]) == []
    assert SHIPPED.judge("video", [label("spam", "spam"), label(CLEARED, "words")]) != []
    above = SHIPPED.judge("video", [label("known_illegal", "bank"), cleared])
    assert [m.rule.name for m in above] == ["known-illegal"]


def test_source_confidence_and_kind_all_have_to_fit():
    policy = parse_policy(rule(by='["spam"]', at_least="0.5", on='["video"]'), "test")
    assert policy.judge("video", [label("spam", "spam", 500)])
    assert not policy.judge("video", [label("spam", "spam", 499)])
    assert not policy.judge("video", [label("spam", "words", 900)])
    assert not policy.judge("comment", [label("spam", "spam", 900)])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version = 0", "whole number `version`"),
        ("rules = 5\nversion = 1", "not right"),
        ("version = 1\nsurprise = 2", "nothing else"),
        ("version = ", "not right"),
        (rule(do='"burn"'), "Invalid enum value 'burn'"),
        (rule(wen='["spam"]'), "unknown field `wen`"),
        (rule(at_least="50"), "`at_least` is from 0 to 1"),
        (rule(do='"suspend"'), "`suspend` fits none"),
        (rule(words="{ fr = 'spam' }"), "it needs `words` in English"),
        (rule(basis='""'), "it needs a `basis`"),
        (rule(category='"STATEMENT_CATEGORY_WHATEVER"'), "`category` is one of"),
        (rule(reach="0"), "`reach` is from 1 to 99"),
        (rule() + "\n" + rule().partition("\n")[2], "two rules are called test"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_with_the_reason(text: str, words: str):
    with pytest.raises(SettingWrong, match=words.replace("(", r"\(").replace("[", r"\[")):
        parse_policy(text, "mine.toml")


def test_a_missing_file_is_said(tmp_path: Path):
    with pytest.raises(SettingWrong, match="cannot be read"):
        read_policy(tmp_path / "none.toml")


def test_another_text_is_another_version():
    assert parse_policy(rule(), "a").version != parse_policy(rule(reach="30"), "a").version


_LABELS = sorted({name for entry in SHIPPED.rules for name in entry.when})
_SOURCES = ("bank", "hash", "nudity", "words", "links", "spam", "moderator", "circuit_breaker")
_SAID = st.lists(
    st.builds(label, st.sampled_from(_LABELS), st.sampled_from(_SOURCES), st.integers(0, 1000), st.integers(1, 9)),
    max_size=6,
)


@given(_SAID, st.randoms())
def test_the_order_in_which_things_were_said_does_not_matter(said: list[Label], random):
    shuffled = list(said)
    random.shuffle(shuffled)
    names = [[match.rule.name for match in SHIPPED.judge("video", order)] for order in (said, shuffled)]
    assert names[0] == names[1]


@given(_SAID, _SAID)
def test_more_evidence_never_lets_go_unless_a_person_cleared(said: list[Label], more: list[Label]):
    if any(entry.label == CLEARED for entry in more):
        return
    before, after = (SHIPPED.judge("video", labels) for labels in (said, [*said, *more]))
    # The mildest restriction stands first.
    strictest = [
        max((RESTRICTIONS.index(match.rule.do) for match in matches), default=-1) for matches in (before, after)
    ]
    assert strictest[0] <= strictest[1]
