"""Every setting, with what it means. `PENCHANT_NAME` wins over `penchant.toml`, which wins over the default."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from penchant.core.errors import SettingWrong


def _setting(text: str, **limits: Any) -> msgspec.Meta:
    return msgspec.Meta(description=text, **limits)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one installation. Sizes are in bytes, times in the unit that the name ends with."""

    data: Annotated[Path, _setting("folder that holds the database, videos, secrets and epochs")] = Path("data")
    host: Annotated[str, _setting("address that the page is served on")] = "127.0.0.1"
    port: Annotated[int, _setting("port that the page is served on", ge=1, le=65535)] = 8000
    web_workers: Annotated[int, _setting("processes that serve pages", ge=1, le=64)] = 1
    database_url: Annotated[
        str | None,
        _setting("PostgreSQL to use instead of the built-in one, as postgresql://user:password@host/name"),
    ] = None
    public_url: Annotated[
        str | None, _setting("the address people type, as https://video.example.org; needed behind a proxy")
    ] = None
    trusted_proxies: Annotated[
        str, _setting("addresses of proxies whose X-Forwarded-* headers count, separated by commas")
    ] = ""
    accel_prefix: Annotated[
        str | None, _setting("internal location for X-Accel-Redirect when nginx or Caddy sends the media, as /_objects")
    ] = None
    tls_certificate: Annotated[
        Path | None, _setting("PEM file with the certificate (and, without tls_key, its key) to serve HTTPS with")
    ] = None
    tls_key: Annotated[Path | None, _setting("PEM file with the key of tls_certificate")] = None
    market: Annotated[str, _setting("id of the market of this cell", pattern="^[a-z][a-z0-9-]{0,30}$")] = "local"
    market_name: Annotated[str, _setting("name of the market that people see")] = "Penchant"
    markets: Annotated[
        Path | None,
        _setting("TOML file of the markets of the house that this one belongs to (markets.toml); without it none"),
    ] = None
    mirror: Annotated[
        str, _setting("ids of markets whose public videos are shown here as well, separated by commas")
    ] = ""
    directory_url: Annotated[
        str | None, _setting("address of the directory that says in which market of the house a handle is at home")
    ] = None
    languages: Annotated[str, _setting("languages of the page, first is the default, separated by commas")] = "en,fr"
    signup: Annotated[
        Literal["open", "invited", "closed"], _setting("who may make an account: open, invited or closed")
    ] = "open"
    minimum_age: Annotated[int, _setting("youngest age in years that may make an account", ge=0, le=21)] = 13
    adult_age: Annotated[
        int, _setting("age in years from which the minors' profile no longer applies", ge=13, le=25)
    ] = 18
    adults_prove: Annotated[
        bool, _setting("nobody counts as an adult by the year they said; they prove it, or have the minors' profile")
    ] = False
    age_issuers: Annotated[
        Path | None,
        _setting("PEM file of the public keys whose proofs of age count (Ed25519 or P-256); without it none"),
    ] = None
    minor_daily_minutes: Annotated[
        int, _setting("minutes a day that the feed goes on for a minor without a guardian", ge=15, le=120)
    ] = 60
    time_zone: Annotated[str, _setting("where the days of the market begin, as Europe/Berlin")] = "UTC"
    upload_bytes: Annotated[int, _setting("largest upload in bytes", ge=1)] = 500_000_000
    upload_seconds: Annotated[int, _setting("longest video in seconds", ge=1, le=3600)] = 180
    media_sandbox: Annotated[
        Literal["strict", "weak"],
        _setting(
            "strict converts no video where the kernel refuses a part of the sandbox; weak does without that part: "
            "only for uploads of people you trust"
        ),
    ] = "strict"
    uploads_per_day: Annotated[int, _setting("videos that one account may upload within 24 hours", ge=1)] = 100
    upload_bytes_per_day: Annotated[int, _setting("bytes that one account may upload within 24 hours", ge=1)] = (
        5_000_000_000
    )
    automatic_captions: Annotated[
        bool,
        _setting("write captions of English speech by itself, once a video is ready; needs the extra speech"),
    ] = False
    originals_days: Annotated[
        int,
        _setting(
            "days that uploaded originals are kept; 0: until every size is made, 36500: as good as for ever",
            ge=0,
            le=36500,
        ),
    ] = 0
    provenance_trust: Annotated[
        Path | None,
        _setting("PEM file of the authorities whose content credentials (C2PA) count as trusted; without it none"),
    ] = None
    provenance_certificate: Annotated[
        Path | None,
        _setting(
            "PEM file with the certificates (and, without provenance_key, the key) that sign what is made here; "
            "without it the installation is its own authority"
        ),
    ] = None
    provenance_key: Annotated[
        Path | None, _setting("PEM file with the key of provenance_certificate: ECDSA on P-256")
    ] = None
    note_account_days: Annotated[
        int, _setting("days that an account must be old to write and rate notes", ge=0, le=365)
    ] = 7
    safety_words: Annotated[
        Path | None,
        _setting("TOML file of further words and phrases to find, of the form of the shipped lists/en.toml"),
    ] = None
    safety_links: Annotated[
        Path | None,
        _setting("file of further domains to find in texts, one a line, of the form of the shipped lists/links.txt"),
    ] = None
    held_days: Annotated[
        int, _setting("days that files of a match are held for those whom the law lets ask for them", ge=1, le=3650)
    ] = 365
    session_days: Annotated[int, _setting("days after which an unused sign-in ends", ge=1, le=400)] = 90
    session_most_days: Annotated[
        int, _setting("days after which a sign-in ends however much it is used", ge=1, le=400)
    ] = 365
    anonymous_days: Annotated[
        int, _setting("days after their last visit that viewers without an account are forgotten", ge=1, le=400)
    ] = 30
    witnesses: Annotated[
        str,
        _setting("who cosigns the ledger: the key of a witness, a blank and its address; more behind commas"),
    ] = ""
    licence_issuers: Annotated[
        str,
        _setting("keys (vkeys) of who issues licences for what was learned to cross a border, separated by commas"),
    ] = ""
    witness_quorum: Annotated[
        int,
        _setting("so many witnesses have to have cosigned lately, or the feed knows no profile; 0: none", ge=0, le=16),
    ] = 0
    witness_most_age_s: Annotated[
        int, _setting("seconds for which a cosignature counts as one of lately", ge=10, le=86_400)
    ] = 300
    replay_days: Annotated[
        int, _setting("days for which a page can be made again from its record by who checks it", ge=1, le=400)
    ] = 7
    page_days: Annotated[
        int, _setting("days that page records are kept: what each page was drawn from, for whom", ge=2, le=36500)
    ] = 90
    notification_days: Annotated[
        int, _setting("days that people find in their inbox what they were told of", ge=1, le=400)
    ] = 90
    report_days: Annotated[int, _setting("days that reports are kept once they are decided", ge=1, le=36500)] = 365
    deleted_days: Annotated[
        int, _setting("days until nothing is left of a video that its creator deleted", ge=1, le=36500)
    ] = 30
    closing_days: Annotated[
        int,
        _setting(
            "days after the market has closed until every key is destroyed: so long people can take their data along",
            ge=1,
            le=3650,
        ),
    ] = 30
    log_days: Annotated[
        int,
        _setting("days after which logs of processes are begun anew; those before are kept as long", ge=1, le=36500),
    ] = 14
    experiments: Annotated[Path | None, _setting("TOML file of experiments on the feed; without it there are none")] = (
        None
    )
    values: Annotated[
        Path | None, _setting("file of value weights: what each outcome of showing a video is worth (values.toml)")
    ] = None
    policy: Annotated[
        Path | None, _setting("TOML file of the market's policy: what follows from which label (policy.toml)")
    ] = None
    countries: Annotated[
        str,
        _setting(
            "where restrictions apply, for statements of reasons: EEA, EU, or two-letter codes separated by commas"
        ),
    ] = "EEA"
    appeal_days: Annotated[
        int, _setting("days within which a decision can be appealed against; the law asks for six months", ge=183)
    ] = 183
    dispute_body: Annotated[
        str, _setting("name and address of a certified body for out-of-court disputes, told with each decision")
    ] = ""
    counter_notice_days: Annotated[
        int,
        _setting("days after which a video removed for copyright returns once its creator contradicts", ge=10, le=14),
    ] = 10
    hard_cases_per_day: Annotated[
        int, _setting("cases of harm 4 and 5 that one moderator judges a day; 0: no limit", ge=0)
    ] = 40
    hard_cases_in_row: Annotated[
        int, _setting("cases of harm 4 and 5 after which a moderator pauses from them; 0: never", ge=0)
    ] = 8
    hard_cases_pause_minutes: Annotated[int, _setting("minutes of that pause", ge=1, le=480)] = 15
    double_look_percent: Annotated[
        int, _setting("per cent of decided cases that a second moderator judges without knowing", ge=0, le=100)
    ] = 5
    demo: Annotated[bool, _setting("fill an empty installation with demo videos")] = True
    explore_slots: Annotated[
        int,
        _setting("slots of ten that show what is unlike a viewer's taste, to find out what else they like", ge=0, le=4),
    ] = 2
    trial_slots: Annotated[int, _setting("slots of ten for new videos that few have seen", ge=0, le=4)] = 1
    audit_per_thousand: Annotated[
        int, _setting("slots of a thousand drawn uniformly from everything unseen", ge=0, le=100)
    ] = 5
    creator_trial_slots: Annotated[int, _setting("trial slots of one page that one creator may have", ge=1, le=10)] = 1
    creator_trial_percent: Annotated[
        int, _setting("per cent of what is shown of new videos that one creator may have", ge=1, le=100)
    ] = 20
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _setting("how much is logged: debug, info, warning or error")
    ] = "info"


ENVIRONMENT_PREFIX = "PENCHANT_"
# Set by the supervisor for its own children; not settings of the operator.
_INTERNAL = {"PENCHANT_LIFELINE_FD", "PENCHANT_LISTEN_FD"}


def load_settings(
    environment: Mapping[str, str], toml_path: Path | None = None, overrides: Mapping[str, object] | None = None
) -> Settings:
    """Read the settings from a file and the environment.

    Raises:
        SettingWrong: a name is unknown or a value is not right; the message says what would be.
    """
    values: dict[str, object] = {}
    if toml_path is not None and toml_path.exists():
        try:
            loaded = tomllib.loads(toml_path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingWrong(f"{toml_path.name} cannot be read as TOML: {error}") from error
        for name, value in loaded.items():
            values[name] = _checked(name, value, f"{name} in {toml_path.name}")
    for variable, text in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX) and variable not in _INTERNAL:
            name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
            values[name] = _checked(name, text, variable)
    for name, value in (overrides or {}).items():
        values[name] = _checked(name, value, f"--{name.replace('_', '-')}")
    return Settings(**values)  # type: ignore[arg-type]


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as variables for a child process; what is at its default is left out."""
    return {
        ENVIRONMENT_PREFIX + field.name.upper(): str(getattr(settings, field.name))
        for field in msgspec.structs.fields(Settings)
        if getattr(settings, field.name) != field.default
    }


def describe_settings() -> list[tuple[str, str, object]]:
    """Every setting as (name, what it means, default), for `--help`, `doctor` and the reference page."""
    return [(field.name, _meaning(field), field.default) for field in msgspec.structs.fields(Settings)]


def _meaning(field: msgspec.structs.FieldInfo) -> str:
    for meta in getattr(field.type, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    raise AssertionError(f"the setting {field.name} has no description")


def _checked(name: str, value: object, where: str) -> object:
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    if name not in fields:
        close = [known for known in fields if known.startswith(name[:4])]
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise SettingWrong(f"{where} is not a setting{hint}")
    field = fields[name]
    try:
        return msgspec.convert(value, field.type, strict=False, dec_hook=_decode)
    except (msgspec.ValidationError, ValueError) as error:
        expected = str(error).removesuffix(" - at `$`")
        raise SettingWrong(f"{where} is {value!r}, which is not right: {_meaning(field)}. {expected}.") from error


def _decode(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str | Path):
        if not str(value):
            raise ValueError("Expected a folder, got nothing")
        return Path(value)
    raise NotImplementedError(kind)
