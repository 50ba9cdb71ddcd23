from pathlib import Path

import pytest

from penchant.core.errors import SettingWrong
from penchant.core.settings import Settings, as_environment, describe_settings, load_settings


def test_environment_wins_over_file_and_file_over_default(tmp_path: Path):
    toml = tmp_path / "penchant.toml"
    toml.write_text('port = 9000\nmarket_name = "City"\n')
    settings = load_settings({"PENCHANT_PORT": "9001", "HOME": "/x"}, toml)
    assert (settings.port, settings.market_name, settings.host) == (9001, "City", "127.0.0.1")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"PENCHANT_PORT": "abc"}, ["PENCHANT_PORT", "'abc'", "port that the page is served on"]),
        ({"PENCHANT_PORT": "70000"}, ["PENCHANT_PORT", "70000", "<= 65535"]),
        ({"PENCHANT_SIGNUP": "maybe"}, ["PENCHANT_SIGNUP", "maybe", "open, invited or closed"]),
        ({"PENCHANT_MINIMUM_YEARS": "3"}, ["PENCHANT_MINIMUM_YEARS", "minimum_age"]),
        ({"PENCHANT_EXPLORE_SLOTS": "7"}, ["PENCHANT_EXPLORE_SLOTS", "7", "<= 4", "unlike a viewer's taste"]),
        ({"PENCHANT_AUDIT_PER_THOUSAND": "-1"}, ["PENCHANT_AUDIT_PER_THOUSAND", "-1", ">= 0"]),
        ({"PENCHANT_CREATOR_TRIAL_PERCENT": "0"}, ["PENCHANT_CREATOR_TRIAL_PERCENT", "0", ">= 1"]),
        ({"PENCHANT_TRIAL_SLOT": "1"}, ["PENCHANT_TRIAL_SLOT", "trial_slots"]),
        ({"PENCHANT_DATA": ""}, ["PENCHANT_DATA", "folder"]),
    ],
)
def test_a_bad_value_stops_with_name_value_and_what_would_be_right(environment: dict[str, str], says: list[str]):
    with pytest.raises(SettingWrong) as caught:
        load_settings(environment)
    assert all(word in caught.value.message for word in says), caught.value.message


def test_an_unreadable_file_is_named(tmp_path: Path):
    (tmp_path / "penchant.toml").write_text("port = = 3")
    with pytest.raises(SettingWrong, match="penchant.toml"):
        load_settings({}, tmp_path / "penchant.toml")


def test_settings_survive_the_way_to_a_child_process():
    settings = load_settings({"PENCHANT_PORT": "8123", "PENCHANT_DEMO": "false", "PENCHANT_DATA": "/x/y"})
    assert load_settings(as_environment(settings)) == settings
    assert as_environment(Settings()) == {}


def test_every_setting_says_what_it_means():
    assert all(len(meaning) > 10 for _, meaning, _ in describe_settings())
