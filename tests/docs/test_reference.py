"""The documentation says everything that there is, and nothing that there is not."""

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import get_args

import msgspec
import pytest

from penchant.core.settings import describe_settings
from penchant.events.model import Event
from penchant.feed.recipe import for_you
from penchant.taste.recipe import SERVED

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("penchant_docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _load()
PAGES: list[Path] = generate.pages()
AGAIN = "run: .venv/bin/python docs/generate.py"


def text(page: str) -> str:
    return (DOCS / page).read_text("utf-8")


def headings(page: str, level: int = 3) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", text(page), re.MULTILINE)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "<!-- generated:" in page.read_text("utf-8")], ids=lambda page: page.name
)
def test_generated_blocks_are_what_the_code_says(page: Path):
    found = page.read_text("utf-8")
    assert generate.filled(found) == found, AGAIN


def test_the_picture_of_the_rooms_is_what_the_layers_say():
    assert generate.rooms.PICTURE.read_text("utf-8") == generate.rooms.draw(), AGAIN
    assert generate.quality.PICTURE.read_text("utf-8") == generate.quality.draw(), AGAIN
    assert generate.simulation.PICTURE.read_text("utf-8") == generate.simulation.draw(), AGAIN
    assert generate.frontier.PICTURE.read_text("utf-8") == generate.frontier.draw(), AGAIN


def test_every_room_of_the_source_is_in_the_picture():
    rooms = {room for row in generate.rooms.layers() for room in row}
    folders = {path.parent.name for path in (ROOT / "src" / "penchant").glob("*/__init__.py")}
    assert folders - {"testing"} == rooms - {"app"}


def test_every_setting_has_a_heading():
    assert headings("reference/settings.md") == [name for name, _, _ in describe_settings()]


def test_every_command_has_a_heading():
    assert [name for name, _ in generate.all_commands()] == headings("reference/commands.md")


def test_commands_that_pages_tell_people_to_call_exist():
    known = {name for name, _ in generate.all_commands()}
    firsts = {name.split()[1] for name in known}
    for page in PAGES:
        for block in re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", page.read_text("utf-8"), re.DOTALL):
            for called in re.findall(r"(?:^|bin/)penchant ([a-z]+)", "".join(block), re.MULTILINE):
                promised = page.name == "taste.md" and called == "taste"
                assert called in firsts or promised, f"{page.name}: penchant {called}"


def test_every_kind_of_event_has_a_heading_and_names_its_fields():
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^#|\Z)", text("reference/events.md"), re.DOTALL | re.MULTILINE))
    kinds = {str(kind.__struct_config__.tag): kind for kind in get_args(Event)}
    assert sections.keys() == kinds.keys()
    for name, kind in kinds.items():
        fields = {field.name for field in msgspec.structs.fields(kind)} - {"page", "slot"}
        assert fields <= set(re.findall(r"`(\w+)`", sections[name])), name


def test_every_part_of_the_feed_has_a_heading():
    recipe = for_you()
    columns = set(SERVED.names)
    sources = ["parts", *(part.name for part in recipe.sources if part.name not in columns - {"content"})]
    parts = [recipe.cut, *recipe.hydrators, *recipe.filters, recipe.scorer, recipe.selector]
    effects = [path.stem for path in (ROOT / "src" / "penchant" / "feed" / "effects").glob("[a-z]*.py")]
    assert headings("reference/feed.md") == [*sources, *(part.name for part in parts), *effects]


def test_every_error_code_has_a_row():
    page = text("reference/api.md")
    rows = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    ends = set(re.findall(r"`(\w+)` \([a-z]", page.split("Programs that run on the machine")[1].split("\n")[0]))
    assert _codes() - rows - ends == set()
    assert (rows | ends) - _codes() - _other_rows(page) == set()


@cache
def _codes() -> frozenset[str]:
    """Codes as they stand in the source: `code = "…"` of an error, `code="…"` of a raise, and the framework's."""
    found = {"malformed", "wrong_method"}
    for path in (ROOT / "src" / "penchant").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found |= {_text(line.value) for line in node.body if isinstance(line, ast.Assign) and _is_code(line)}
            elif isinstance(node, ast.keyword) and node.arg == "code":
                found.add(_text(node.value))
    # What a file fails with has a table of its own; `crashed` is also the class's default.
    return frozenset(found - {"", "crashed"})


def _is_code(line: ast.Assign) -> bool:
    return [target.id for target in line.targets if isinstance(target, ast.Name)] == ["code"]


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _other_rows(page: str) -> set[str]:
    """Rows of the generated tables: reasons for failed uploads."""
    return set(re.findall(r"^\| `(\w+)` \|", "".join(generate.BLOCKS[name]() for name in ("failures",)), re.MULTILINE))


def test_every_page_is_in_the_index():
    indexes = text("README.md") + "".join(f"(decisions/{name})" for name in _linked("decisions/README.md"))
    pages = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in indexes} == set(), "add a line to docs/README.md"


def _linked(page: str) -> list[str]:
    return re.findall(r"\]\(([^)#]+)\)", text(page))


def test_every_decision_is_listed_and_half_a_page():
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", text("decisions/README.md"))
    assert listed == [record.name for record in records]
    for number, record in enumerate(records, start=1):
        said = record.read_text("utf-8")
        assert said.startswith(f"# {number:04} ")
        assert all(f"**{part}.**" in said for part in ("Context", "Choice", "Given up")), record.name
        assert len(said.split()) < 420, record.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    said = page.read_text("utf-8")
    for target in re.findall(r"(?:\]\(|src=\")([^)\"\s]+)", said):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in _anchors(there), target


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES, *DOCS.rglob("*.py")], ids=lambda page: str(page.relative_to(ROOT)))
def test_nothing_is_said_of_the_machine_that_it_was_written_on(page: Path):
    said = page.read_text("utf-8")
    assert re.findall(r"(?<![\w.-])/(?:work|home|root|Users|mnt|srv)/\w[^\s`]*", said) == []
    assert re.findall(r"https?://(?:[\w.-]*pypi|files\.pythonhosted|registry\.npmjs|deb\.debian)[\w./-]*", said) == []
