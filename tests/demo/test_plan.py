"""The plan: enough of everything, the same every time."""

from collections import Counter, defaultdict

from penchant.accounts.service import HANDLE, NAME_CHARACTERS
from penchant.catalog.service import clean_hashtags, clean_title
from penchant.demo.paint.letters import letter
from penchant.demo.plan import FPS, LONGEST_S, SHORTEST_S, plan, sound_owner, spelled
from penchant.demo.sounds import PIECES
from penchant.demo.themes import THEMES
from penchant.demo.words import words_of


def test_there_are_240_clips_and_at_least_24_of_each_of_8_themes() -> None:
    clips = plan()
    assert len(clips) == 240
    assert [clip.number for clip in clips] == list(range(240))
    assert len(THEMES) == 8
    assert min(Counter(clip.theme for clip in clips).values()) >= 24


def test_the_first_24_are_three_of_each_theme_in_turns() -> None:
    first = plan()[:24]
    assert set(Counter(clip.theme for clip in first).values()) == {3}
    for start in (0, 8, 16):
        assert len({clip.theme for clip in first[start : start + 8]}) == 8


def test_each_theme_has_at_least_four_creators_sounds_and_styles_in_both_languages() -> None:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for clip in plan():
        for name in ("handle", "piece", "style", "palette", "language"):
            found[clip.theme][name].add(getattr(clip, name))
    for theme in THEMES:
        sizes = {name: len(values) for name, values in found[theme].items()}
        assert sizes["handle"] >= 4
        assert sizes["piece"] >= 4
        assert sizes["style"] >= 4
        assert sizes["palette"] >= 4
        assert found[theme]["language"] == {"en", "fr"}


def test_the_plan_is_a_function_of_its_seed() -> None:
    assert plan() == plan()
    assert plan(seed=1) != plan(seed=2)


def test_no_title_comes_twice() -> None:
    titles = [clip.title for clip in plan()]
    assert len(set(titles)) == len(titles)


def test_everything_said_is_allowed_on_the_platform() -> None:
    names: dict[str, str] = {}
    for clip in plan():
        assert clean_title(clip.title) == clip.title
        assert clean_hashtags(clip.hashtags) == list(clip.hashtags)
        assert HANDLE.fullmatch(clip.handle)
        assert 1 <= len(clip.name) <= NAME_CHARACTERS
        # A handle is one person, whatever the theme.
        assert names.setdefault(clip.handle, clip.name) == clip.name


def test_words_and_themes_name_the_same_styles_and_sounds() -> None:
    for theme, look in THEMES.items():
        words = words_of(theme)
        assert set(words.titles) == set(look.styles)
        assert set(words.sounds) == set(PIECES[theme])


def test_lengths_are_whole_beats_of_five_to_eight_seconds() -> None:
    for clip in plan():
        seconds = clip.frames / FPS
        assert SHORTEST_S - 0.05 <= seconds <= LONGEST_S + 0.05
        beats = seconds * clip.tempo / 60
        assert abs(beats - round(beats)) < 0.06
        assert clip.duration_ms == round(seconds * 1000)


def test_the_owner_of_a_sound_is_a_creator_of_its_theme() -> None:
    handles = {clip.handle for clip in plan() if clip.theme == "clocks"}
    assert sound_owner("clocks", "station")[0] in handles


def test_kinetic_type_can_draw_every_letter_that_it_spells() -> None:
    for clip in plan():
        if clip.theme == "kinetic":
            assert all(len(letter(character)[0]) for character in clip.spelled if character != " ")


def test_spelling_drops_punctuation_and_keeps_accents() -> None:
    assert spelled("Ça bouge, enfin !") == "ÇA BOUGE ENFIN"
    assert spelled("L'été c'est là-bas") == "L'ÉTÉ C'EST LÀ-BAS"
