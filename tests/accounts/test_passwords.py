import pytest

from penchant.accounts.passwords import CHARACTERS, what_is_wrong


@pytest.mark.parametrize("password", ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou", "trustno1"])
def test_what_everybody_tries_first_is_refused(password: str):
    assert "common" in (what_is_wrong(password) or "")


@pytest.mark.parametrize("password", ["short", "x" * (CHARACTERS[1] + 1), ""])
def test_the_length_is_said(password: str):
    assert what_is_wrong(password) == "8 to 200 characters"


@pytest.mark.parametrize("password", ["correct horse", "pass word", "🦊🦊🦊🦊🦊🦊🦊🦊", "x" * CHARACTERS[1]])
def test_anything_else_is_somebodys_own_business(password: str):
    assert what_is_wrong(password) is None
