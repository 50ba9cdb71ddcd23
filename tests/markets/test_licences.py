"""Which class may cross, at a moment: a function of dated texts."""

from datetime import UTC, datetime

import pytest

from penchant.markets.licences import Licence, LicenceWrong, read_licence, what_allows

TEXT = """issuer = "authority.example"
class = "epochs"
from = ["us", "ca"]
to = ["age1one", "age1two"]
effective_from = 2027-01-01T00:00:00Z
valid_until = 2028-01-01T00:00:00Z
"""


def day(month: int, number: int = 1, year: int = 2027) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def amended(by: Licence, effective: str, **changed: str) -> Licence:
    text = TEXT.replace("2027-01-01T00:00:00Z", effective) + f'replaces = "{by.digest}"\n'
    for before, after in changed.items():
        text = text.replace({"until": "2028-01-01T00:00:00Z", "markets": '["us", "ca"]'}[before], after)
    return read_licence(text)


def test_it_counts_for_whom_it_names_while_it_lasts():
    one = read_licence(TEXT)
    for moment, market, to, allowed in (
        (day(1), "us", ["age1one"], True),
        (day(6), "ca", ["age1one", "age1two"], True),
        (day(12, 31, 2026), "us", ["age1one"], False),
        (day(1, 1, 2028), "us", ["age1one"], False),
        (day(6), "nz", ["age1one"], False),
        (day(6), "us", ["age1one", "age1three"], False),
        (day(6), "us", [], False),
    ):
        assert (what_allows([one], moment, "epochs", market, to) == one) is allowed


def test_an_amended_one_takes_its_place_from_its_own_date_on():
    one = read_licence(TEXT)
    narrower = amended(one, "2027-03-01T00:00:00Z", markets='["us"]')
    ended = amended(narrower, "2027-06-01T00:00:00Z", until="2027-06-01T00:00:00Z")
    known = [ended, one, narrower]
    by = lambda moment, market: what_allows(known, moment, "epochs", market, ["age1one"])  # noqa: E731
    assert [by(day(2), market) for market in ("us", "ca")] == [one, one]
    assert [by(day(4), market) for market in ("us", "ca")] == [narrower, None]
    assert [by(day(7), market) for market in ("us", "ca")] == [None, None]


def test_nobody_replaces_what_somebody_else_issued():
    one = read_licence(TEXT)
    other = read_licence(TEXT.replace("authority.example", "other.example") + f'replaces = "{one.digest}"\n')
    assert what_allows([one, other._replace(markets=())], day(6), "epochs", "us", ["age1one"]) == one


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"epochs"', '"everything"', "no class 'everything'"),
        ("issuer", "author", "no licence has author"),
        ("2027-01-01T00:00:00Z", "2027-01-01", "says effective_from: a moment"),
        ("2028-01-01T00:00:00Z", "2028-01-01T00:00:00", "says valid_until: a moment"),
        ('["us", "ca"]', '"us"', "says from: a list"),
        ('to = ["age1one", "age1two"]\n', "", "says to: a list"),
        ("issuer", "issuer =", "is no TOML"),
    ],
)
def test_what_is_none_is_refused_in_words(before: str, after: str, words: str):
    with pytest.raises(LicenceWrong, match=words):
        read_licence(TEXT.replace(before, after))
