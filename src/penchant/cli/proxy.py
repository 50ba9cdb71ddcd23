"""`penchant up --domain`: what the settings are when a proxy on this machine faces the world."""

import re

import msgspec

from penchant.core.errors import SettingWrong
from penchant.core.settings import Settings

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})+")
_HERE = "127.0.0.1,::1"


def behind_proxy(settings: Settings, domain: str) -> Settings:
    """Settings for a site of this name: its address, and trust in the proxy beside us unless others are named.

    Raises:
        SettingWrong: it is no domain name.
    """
    name = domain.strip().rstrip(".").lower()
    if not _DOMAIN.fullmatch(name):
        raise SettingWrong(f"--domain is {domain!r}, which is no domain name; it looks like video.example.org")
    return msgspec.structs.replace(
        settings, public_url=f"https://{name}", trusted_proxies=settings.trusted_proxies or _HERE
    )
