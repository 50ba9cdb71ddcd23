from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from penchant.core.errors import SettingWrong
from penchant.core.secrets import derive, open_sealed, seal, secret_file


def test_a_secret_is_made_once_and_private(tmp_path: Path):
    first = secret_file(tmp_path / "secrets", "installation")
    assert secret_file(tmp_path / "secrets", "installation") == first
    assert (tmp_path / "secrets" / "installation").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "secrets").iterdir()) == [tmp_path / "secrets" / "installation"]


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path):
    secret_file(tmp_path, "installation")
    (tmp_path / "installation").chmod(0o644)
    with pytest.raises(SettingWrong, match="chmod 600"):
        secret_file(tmp_path, "installation")


def test_a_damaged_secret_is_not_overwritten(tmp_path: Path):
    secret_file(tmp_path, "installation")
    (tmp_path / "installation").write_bytes(b"short")
    with pytest.raises(SettingWrong, match="5 bytes instead of 32"):
        secret_file(tmp_path, "installation")
    assert (tmp_path / "installation").read_bytes() == b"short"


def test_only_the_same_key_and_context_open_what_was_sealed():
    key = derive(b"secret", "one")
    sealed = seal(key, b"words", b"here")
    assert open_sealed(key, sealed, b"here") == b"words"
    for other_key, context in ((derive(b"secret", "two"), b"here"), (key, b"there")):
        with pytest.raises(InvalidTag):
            open_sealed(other_key, sealed, context)
