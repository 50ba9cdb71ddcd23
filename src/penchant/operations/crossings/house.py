"""What a market of a house needs to speak to the others: their file, its own key, its voice, the directory."""

from dataclasses import dataclass, field

from penchant.core.clock import Clock
from penchant.core.errors import SettingWrong
from penchant.core.secrets import secret_file
from penchant.core.settings import Settings
from penchant.ledger.notes import NoteWrong, Signer, open_note, read_verifier
from penchant.markets.caller import Caller
from penchant.markets.directory import DirectoryClient
from penchant.markets.envelope import Sign
from penchant.markets.peers import Peers


@dataclass(frozen=True)
class House:
    """The house as one of its markets sees it."""

    market: str
    peers: Peers
    caller: Caller
    sign: Sign = field(repr=False)
    directory: DirectoryClient | None


def house_of(settings: Settings, clock: Clock) -> House | None:
    """None where the market belongs to no house.

    Raises:
        SettingWrong: there is a directory, or markets to mirror, but no house.
    """
    if settings.markets is None:
        if settings.directory_url or settings.mirror:
            raise SettingWrong("PENCHANT_DIRECTORY_URL and PENCHANT_MIRROR need PENCHANT_MARKETS")
        return None
    signer = gateway_signer(settings)
    peers = Peers(settings.markets)

    def sign(text: str) -> str:
        return signer.sign(text).split()[-1]

    caller = Caller(settings.market, sign, verify, clock)
    directory = DirectoryClient(caller, peers, settings.directory_url) if settings.directory_url else None
    return House(settings.market, peers, caller, sign, directory)


def gateway_signer(settings: Settings) -> Signer:
    """Who signs what a market says to others; its key is made where there is none."""
    return Signer(f"{settings.market}.penchant/gateway", secret_file(settings.data / "secrets", "gateway"))


def verify(key: str, text: str, signature: str) -> bool:
    """Whether a key, as people pass it on, signed a text."""
    try:
        verifier = read_verifier(key)
        open_note(f"{text}\n\N{EM DASH} {verifier.name} {signature}\n", [verifier])
    except NoteWrong:
        return False
    return True
