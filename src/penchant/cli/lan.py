"""`penchant up --lan`: HTTPS for the phones on the same network, and the words that get them there."""

import time
from datetime import UTC, datetime
from io import StringIO
from ipaddress import IPv4Address

import msgspec
from rich.text import Text

from penchant.cli.configuration import console
from penchant.core.errors import SettingWrong
from penchant.core.settings import Settings
from penchant.operations import certificates
from penchant.operations.local_network import host_name, local_addresses

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the phones come from outside
_LOOK_EVERY_S = 30.0


class LocalNetwork:
    """Certificates and addresses of one installation on its local network.

    HTTPS on the port of the settings; the same page without encryption on the next one, because watching and
    uploading files need no trust, and this computer itself needs none for anything.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.port == 65535:
            raise SettingWrong("--lan serves on two ports, and there is none after 65535; choose a lower --port")
        self._secrets = settings.data / "secrets"
        host = settings.host if settings.host != Settings().host else EVERYWHERE
        self.settings = msgspec.structs.replace(
            settings, host=host, tls_certificate=self._secrets / certificates.SERVER, tls_key=None
        )
        self.plain = msgspec.structs.replace(self.settings, port=settings.port + 1, tls_certificate=None)
        self._addresses: list[IPv4Address] = []
        self._looked_at = 0.0

    @property
    def here(self) -> str:
        """The address for this computer's own browser, which treats `localhost` as safe."""
        return f"http://localhost:{self.plain.port}"

    @property
    def address(self) -> str:
        """The address for phones."""
        return self._https(self._addresses[0]) if self._addresses else f"https://localhost:{self.settings.port}"

    def prepare(self) -> bool:
        """Make what is missing or no longer fits; returns whether the server's certificate is a new one."""
        self._looked_at = time.monotonic()
        self._addresses = local_addresses()
        now, host = datetime.now(UTC), host_name()
        authority = certificates.ensure_authority(self._secrets, host, self._addresses, now)
        return certificates.ensure_server_certificate(self._secrets, authority, host, self._addresses, now)

    def changed(self) -> bool:
        """Look now and then whether the addresses are still the same and the certificate still fits."""
        return time.monotonic() - self._looked_at > _LOOK_EVERY_S and self.prepare()

    def show(self, admin_token: str) -> None:
        """The welcome: where to go on this computer, and the phone's way in."""
        console.print(f"  Here    [bold cyan]{self.here}[/]", soft_wrap=True)
        console.print(
            f"  Admin   [cyan]{self.here}/sign-in#token={admin_token}[/]  (works once, for 24 hours)", soft_wrap=True
        )
        console.print(f"  Data    {self.settings.data}")
        console.print()
        self.show_way_in()

    def show_way_in(self) -> None:
        """The QR code, and how to trust the certificate."""
        if not self._addresses:
            console.print("  [yellow]![/] this computer is on no network: join one, and the way in is shown")
            return
        plain = f"http://{self._addresses[0]}:{self.plain.port}"
        others = [f"[cyan]{self._https(address)}[/]" for address in self._addresses[1:]]
        console.print(f"  Phone   [bold cyan]{self.address}[/]  (same Wi-Fi)", soft_wrap=True)
        if others:
            console.print(f"          or {', '.join(others)}", soft_wrap=True)
        console.print()
        for line in _qr_code(f"{self.address}/"):
            console.print(Text("  ") + Text(line, style="bright_white on black" if console.is_terminal else ""))
        console.print()
        console.print(f"  Trust   install [cyan]{plain}/ca.crt[/] on the phone, once", soft_wrap=True)
        console.print("          [dim]iPhone: and switch it on in Settings › General › About › Certificate Trust[/]")
        console.print(f"  Plain   [cyan]{plain}[/]  (no trust needed: watching, uploading files)", soft_wrap=True)

    def _https(self, address: IPv4Address) -> str:
        return f"https://{address}:{self.settings.port}"


def _qr_code(address: str) -> list[str]:
    """Half blocks, light modules drawn: readable on dark and on light terminals when drawn white on black."""
    # Not at the start of every command: one of them draws a code.
    import segno

    text = StringIO()
    segno.make(address, error="l", micro=False).terminal(text, compact=True, border=2)
    return text.getvalue().splitlines()
