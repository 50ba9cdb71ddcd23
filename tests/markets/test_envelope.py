"""Who is let in: a market of the house, as it signed, now, once. Everything else is refused, and says why."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant.core.clock import ManualClock
from penchant.core.errors import NotFound, SettingWrong
from penchant.ledger.notes import Signer
from penchant.markets.envelope import Door, Envelope, MemoryNonces, Refused, seal
from penchant.markets.peers import Peer, Peers
from penchant.operations.crossings.house import verify

NOW_MS = 1_790_000_000_000
KEYS = {
    market: Signer(f"{market}.penchant/gateway", hashlib.sha256(market.encode()).digest()) for market in ("us", "de")
}


def sign_as(market: str):
    return lambda text: KEYS[market].sign(text).split()[-1]


@pytest.fixture
def peers(tmp_path: Path) -> Peers:
    found = Peers(tmp_path / "markets.toml")
    for market, signer in KEYS.items():
        found.add(Peer(market, market.upper(), "http://127.0.0.1:1", signer.verifier.written()))
    return found


class Doors:
    def __init__(self, peers: Peers) -> None:
        self.clock = ManualClock(NOW_MS)
        self.door = Door("us", peers, MemoryNonces(NOW_MS - 90_000), verify, self.clock)

    def sealed(self, path: str = "/gateway/videos", receiver: str = "us", body: bytes = b"{}", by: str = "de") -> str:
        return seal(sign_as(by), self.clock, path, "de", receiver, body)[0]

    def refusal(self, header: str, path: str = "/gateway/videos", body: bytes = b"{}") -> str:
        with pytest.raises(Refused) as refused:
            self.door.let_in(path, header, body)
        return refused.value.code


@pytest.fixture
def doors(peers: Peers) -> Doors:
    return Doors(peers)


def test_what_a_market_signed_is_let_in_once(doors: Doors):
    header = doors.sealed()
    peer, nonce = doors.door.let_in("/gateway/videos", header, b"{}")
    assert (peer.id, nonce) == ("de", header.split()[2])
    assert doors.refusal(header) == "replayed"


def test_what_was_signed_is_what_counts(doors: Doors):
    assert doors.refusal(doors.sealed(by="us")) == "wrong_signature"
    assert doors.refusal(doors.sealed(), path="/gateway/media") == "wrong_signature"
    assert doors.refusal(doors.sealed(), body=b'{"after":1}') == "wrong_signature"
    assert doors.refusal(doors.sealed(receiver="br")) == "wrong_signature"
    market, at, nonce, signature = doors.sealed().split()
    assert doors.refusal(f"{market} {int(at) + 1} {nonce} {signature}") == "wrong_signature"
    assert doors.refusal(f"{market} {at} {nonce[::-1]} {signature}") == "wrong_signature"
    assert doors.refusal(f"br {at} {nonce} {signature}") == "unknown_market"
    # Not even with its own key does a market get in as itself.
    own = Envelope("/gateway/videos", "us", "us", NOW_MS, nonce)
    assert doors.refusal(f"us {at} {nonce} {sign_as('us')(own.text(b'{}'))}") == "wrong_signature"


@pytest.mark.parametrize(
    ("skew_ms", "code"), [(-60_000, ""), (60_000, ""), (-60_001, "wrong_time"), (60_001, "wrong_time")]
)
def test_a_minute_and_no_more(doors: Doors, skew_ms: int, code: str):
    header = seal(sign_as("de"), ManualClock(NOW_MS + skew_ms), "/gateway/videos", "de", "us", b"{}")[0]
    if code:
        assert doors.refusal(header) == code
    else:
        assert doors.door.let_in("/gateway/videos", header, b"{}")


def test_no_replay_gets_through_a_start(doors: Doors, peers: Peers):
    """What remembers in memory alone lets nothing in that was signed before it began."""
    header = doors.sealed()
    doors.door.let_in("/gateway/videos", header, b"{}")
    doors.clock.advance(10)
    doors.door = Door("us", peers, MemoryNonces(doors.clock.now_ms()), verify, doors.clock)
    assert doors.refusal(header) == "replayed"
    assert doors.door.let_in("/gateway/videos", doors.sealed(), b"{}")


def test_nonces_are_kept_as_long_as_they_could_be_used_again(doors: Doors):
    first = doors.sealed()
    doors.door.let_in("/gateway/videos", first, b"{}")
    for _ in range(6):
        doors.clock.advance(10_000)
        doors.door.let_in("/gateway/videos", doors.sealed(), b"{}")
        assert doors.refusal(first) == "replayed"
    doors.clock.advance(1)
    assert doors.refusal(first) == "wrong_time"


@given(st.text(max_size=120))
def test_no_text_is_an_envelope(header: str):
    door = Door("us", Peers(Path("/nowhere")), MemoryNonces(0), verify, ManualClock(NOW_MS))
    with pytest.raises((Refused, SettingWrong)):
        door.let_in("/gateway/videos", header, b"")


def test_the_file_of_the_house_is_read_as_it_was_written(tmp_path: Path):
    path = tmp_path / "markets.toml"
    peers = Peers(path)
    with pytest.raises(SettingWrong, match=r"there is no .*markets\.toml"):
        peers.all()
    odd = Peer("us", 'Club "Ä"\x7f\n= [x]', "https://us.example.org", KEYS["us"].verifier.written())
    peers.add(odd)
    assert peers.all() == (odd,)
    with pytest.raises(SettingWrong, match="already"):
        peers.add(odd)
    with pytest.raises(SettingWrong, match="cannot be a market"):
        peers.add(Peer("US", "x", "https://us.example.org", ""))
    with pytest.raises(SettingWrong, match="already, or none"):
        peers.add(Peer("directory", "x", "https://us.example.org", ""))
    with pytest.raises(NotFound):
        peers.get("br")
    path.write_text(path.read_text() + "\nmore = 1\n")
    with pytest.raises(SettingWrong, match="unknown field"):
        peers.all()
