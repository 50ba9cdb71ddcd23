"""A reporter, a moderator, whom it concerns and a second moderator, in a real browser."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import PHONE, WIDE, People, at_rest, picture
from tests.browser.test_stories import current, played_s, sign_up, swipe, upload

from penchant.core.database import make_engine
from penchant.testing.installation import Installation, wait_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def installation(begun: Path) -> Iterator[Installation]:
    """Without demo videos: the queue holds what this story puts there."""
    installation = Installation(like=begun)
    try:
        yield installation.start()
    finally:
        installation.remove()


def let_moderate(installation: Installation, *handles: str) -> None:
    engine = make_engine(installation.database_url())
    with engine.begin() as connection:
        for handle in handles:
            connection.exec_driver_sql("UPDATE accounts SET role = 'moderator' WHERE handle = %s", (handle,))
    engine.dispose()


def report(page: Page, video: str, reason: str) -> None:
    """By the sheet, as people do."""
    page.goto(f"/v/{video}")
    page.get_by_test_id("more").first.click()
    at_rest(page.get_by_test_id("more-sheet")).get_by_test_id("report").click()
    sheet = at_rest(page.get_by_test_id("report-sheet"))
    sheet.locator(f'input[value="{reason}"]').check()
    sheet.get_by_test_id("report-submit").click()
    expect(page.get_by_test_id("report-sheet")).to_have_count(0)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_reported_removed_appealed_and_reversed_by_somebody_else(people: People, installation: Installation):
    ada, bob = people.arrive(), people.arrive()
    mo, other = people.arrive(size=WIDE), people.arrive()
    sign_up(ada, "mod_ada")
    video = upload(ada, "bikes.mp4", "A song at the sea")
    spam = upload(ada, "bigbuckbunny.mp4", "Buy now")
    for page, handle in ((bob, "mod_bob"), (mo, "mod_mo"), (other, "mod_max")):
        sign_up(page, handle)
    let_moderate(installation, "mod_mo", "mod_max")
    report(bob, video, "hate")
    answer = bob.request.post("/api/reports", data={"kind": "video", "target": spam, "reason": "spam"})
    assert answer.status == 201

    # The moderator works by keys alone: open, claim, unblur, a rule, and what it says.
    mo.goto("/admin")
    rows = mo.get_by_test_id("queue-entry")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("A song at the sea")
    mo.keyboard.press("?")
    expect(mo.get_by_test_id("queue-keys")).to_be_visible()
    picture(mo, "queue-keys-wide")
    mo.keyboard.press("?")
    mo.keyboard.press("j")
    mo.keyboard.press("k")
    mo.keyboard.press("Enter")
    case = mo.get_by_test_id("queue-case")
    expect(case).to_contain_text("A song at the sea")
    shown = mo.get_by_test_id("exhibit")
    assert "blur(16px)" in shown.evaluate("node => getComputedStyle(node).filter")
    picture(mo, "queue-case-wide")
    mo.keyboard.press("c")
    expect(case).to_contain_text("Yours for 15 minutes")
    mo.keyboard.press("v")
    expect(shown).to_have_css("filter", "grayscale(1)")
    # The rule about what was reported stands first.
    expect(mo.get_by_test_id("rule-hate")).to_contain_text("1")
    mo.keyboard.press("1")
    expect(mo.get_by_test_id("queue-reason")).to_have_value("These words attack people.")
    mo.keyboard.press("a")
    expect(rows).to_have_count(1)
    assert bob.request.get(f"/api/videos/{video}").status == 410

    # Several at once.
    rows.first.get_by_role("checkbox").check()
    several = mo.get_by_test_id("queue-several")
    several.get_by_test_id("queue-dismiss").click()
    expect(rows).to_have_count(0)
    assert bob.request.get(f"/api/videos/{spam}").status == 200

    # Whom it concerns is told, and appeals; the reporter hears what became of it.
    ada.goto("/me")
    notice = ada.get_by_test_id("notice")
    expect(notice).to_contain_text("These words attack people.")
    expect(ada.get_by_test_id("standing")).to_contain_text("2 strike points")
    notice.get_by_test_id("appeal-open").click()
    notice.get_by_test_id("appeal-words").fill("It is a song.")
    picture(ada, "notice-phone")
    notice.get_by_test_id("appeal-send").click()
    expect(notice.get_by_test_id("appeal-waiting")).to_be_visible()
    fits(ada)
    bob.goto("/me")
    expect(bob.locator(f'[data-testid="answer"][data-target="{video}"]')).to_contain_text("Removed")
    expect(bob.locator(f'[data-testid="answer"][data-target="{spam}"]')).to_contain_text("left it as it was")
    picture(bob, "answers-phone")

    # The first moderator cannot answer, the second does.
    mo.reload()
    expect(mo.get_by_test_id("appeal")).to_contain_text("You had a part in this decision")
    other.goto("/admin")
    appeal = other.get_by_test_id("appeal")
    expect(appeal).to_contain_text("It is a song.")
    fits(other)
    # What was removed is there for whoever has to judge it, and for nobody else.
    shown = appeal.get_by_test_id("exhibit")
    assert shown.evaluate("node => node.decode().then(() => node.naturalWidth)") > 0
    assert bob.request.get(shown.get_attribute("src") or "").status == 410
    appeal.get_by_test_id("appeal-reverse").click()
    expect(appeal).to_contain_text("Please give a reason")
    appeal.get_by_test_id("appeal-reason").fill("It is a song indeed.")
    picture(other, "appeal-phone")
    appeal.get_by_test_id("appeal-reverse").click()
    expect(appeal).to_have_count(0)
    assert bob.request.get(f"/api/videos/{video}").status == 200
    ada.reload()
    expect(ada.get_by_test_id("appeal-outcome")).to_contain_text("It is a song indeed.")
    expect(ada.get_by_test_id("standing")).to_have_count(0)


def test_the_worst_needs_two_people_also_on_a_phone_and_in_french(people: People, installation: Installation):
    ada, mo, other = people.arrive(), people.arrive(locale="fr-FR"), people.arrive(size=WIDE)
    sign_up(ada, "two_ada")
    video = upload(ada, "bikes.mp4", "A child at the pool")
    for page, handle in ((mo, "two_mo"), (other, "two_max")):
        sign_up(page, handle)
    let_moderate(installation, "two_mo", "two_max")
    report = {"kind": "video", "target": video, "reason": "minor_safety", "note": "whose child is this?"}
    stranger = people.arrive()
    # The page's own first request makes its session.
    assert stranger.request.get("/api/session").ok
    assert stranger.request.post("/api/reports", data=report).status == 201

    mo.goto("/admin")
    row = mo.get_by_test_id("queue-entry").filter(has_text="A child at the pool")
    expect(row).to_be_visible()
    picture(mo, "queue-phone")
    fits(mo)
    row.get_by_role("button").click()
    case = mo.get_by_test_id("queue-case")
    expect(case).to_contain_text("whose child is this?")
    expect(case).to_contain_text("deux personnes")
    fits(mo)
    picture(mo, "queue-case-phone")
    mo.get_by_test_id("rule-child-safety").click()
    mo.get_by_test_id("queue-remove").click()
    expect(mo.get_by_text("demandez un second avis")).to_be_visible()
    mo.get_by_test_id("queue-second").click()
    expect(mo.get_by_text("Une autre personne va regarder.")).to_be_visible()
    # Held at once, for everybody but its creator and moderators.
    assert stranger.request.get(f"/api/videos/{video}").status == 404

    other.goto("/admin")
    other.get_by_test_id("queue-entry").filter(has_text="A child at the pool").get_by_role("button").click()
    proposal = other.get_by_test_id("queue-proposal")
    expect(proposal).to_contain_text("@two_mo")
    picture(other, "queue-proposal-wide")
    other.get_by_test_id("queue-confirm").click()
    expect(other.get_by_test_id("queue-entry").filter(has_text="A child at the pool")).to_have_count(0)
    assert stranger.request.get(f"/api/videos/{video}").status == 410


def test_what_may_disturb_waits_until_somebody_wants_to_see_it(people: People, installation: Installation):
    ada, mo = people.arrive(), people.arrive()
    sign_up(ada, "veil_ada")
    sign_up(mo, "veil_mo")
    video, other = upload(ada, "bigbuckbunny.mp4", "A fight"), upload(mo, "bikes.mp4", "Beside it")
    let_moderate(installation, "veil_mo")
    for rule in ("violence", "synthetic"):
        warning = {"kind": "video", "target": video, "action": "warn", "reason": "look first", "rule": rule}
        assert mo.request.post("/api/admin/decisions", data=warning).status == 201
    warning = {"kind": "video", "target": other, "action": "warn", "reason": "look first", "rule": "synthetic"}
    assert mo.request.post("/api/admin/decisions", data=warning).status == 201

    # On its own page, by keys alone: nothing is fetched, nothing sounds.
    viewer = people.arrive(color_scheme="dark")
    fetched: list[str] = []
    viewer.on("request", lambda request: fetched.append(request.url))
    viewer.goto(f"/v/{video}")
    item = current(viewer)
    veil = item.get_by_test_id("veil")
    expect(veil).to_contain_text("Shows violence")
    expect(veil).to_contain_text("Made or changed by a machine")
    assert "blur" in item.locator(".poster").evaluate("node => getComputedStyle(node).filter")
    viewer.keyboard.press(" ")
    expect(item).to_have_attribute("data-paused", "false")
    expect(item.locator("video")).to_have_count(0)
    expect(viewer.get_by_test_id("spoken")).to_contain_text("A fight")
    assert not [url for url in fetched if f"/{video}/" in url and ".mp4" in url]
    show = item.get_by_role("button", name="Show", exact=True)
    expect(show).to_have_accessible_description("Shows violence Made or changed by a machine")
    picture(viewer, "veil-phone")
    show.focus()
    viewer.keyboard.press("Enter")
    expect(veil).to_have_count(0)
    wait_for(lambda: played_s(viewer) > 0.3, "playing")
    expect(item.get_by_test_id("surface")).to_be_focused()
    assert item.locator(".poster").evaluate("node => getComputedStyle(node).filter") == "none"
    expect(item.get_by_test_id("warning").first).to_be_visible()
    picture(viewer, "veil-opened-phone")
    viewer.keyboard.press(" ")
    expect(item).to_have_attribute("data-paused", "true")

    # In that tab it stays open, in another it does not; where a video is from veils nothing.
    viewer.reload()
    wait_for(lambda: played_s(viewer) > 0.3, "playing after a reload")
    expect(current(viewer).get_by_test_id("veil")).to_have_count(0)
    second = viewer.context.new_page()
    second.goto(f"/v/{other}")
    wait_for(lambda: played_s(second) > 0.3, "playing under a label")
    expect(current(second).get_by_test_id("veil")).to_have_count(0)
    second.goto(f"/v/{video}")
    expect(current(second).get_by_test_id("veil")).to_be_visible()

    # In the feed, in French; what comes next plays all the same.
    reader = people.arrive(locale="fr-FR", color_scheme="dark")
    # With two videos as with many: on the first, and not at the end.
    expect(current(reader)).to_be_visible()
    while current(reader).get_attribute("data-video-id") != video:
        swipe(reader)
    veil = current(reader).get_by_test_id("veil")
    expect(veil).to_contain_text("Montre de la violence")
    expect(current(reader).locator("video")).to_have_count(0)
    picture(reader, "veil-feed-french")
    reader.keyboard.press("ArrowUp" if reader.get_by_test_id("next").is_disabled() else "ArrowDown")
    expect(current(reader)).not_to_have_attribute("data-video-id", video)
    wait_for(lambda: played_s(reader) > 0.1, "playing beside it")

    # Small pictures and other sites' pages do not show it either.
    wide = people.arrive(size=WIDE, path="/@veil_ada")
    tile = wide.locator(f'a[data-video-id="{video}"]')
    tile.hover()
    assert "blur" in tile.locator("img").evaluate("node => getComputedStyle(node).filter")
    expect(tile.get_by_test_id("preview")).to_have_count(0)
    picture(wide, "veil-grid-wide")
    tile.click()
    expect(current(wide).get_by_test_id("veil")).to_be_visible()
    picture(wide, "veil-wide")
    elsewhere = people.arrive(path=f"/embed/{video}")
    expect(elsewhere.get_by_test_id("veil")).to_be_visible()
    picture(elsewhere, "veil-embed")
    elsewhere.get_by_test_id("unveil").click()
    elsewhere.locator("[data-surface]").click()
    wait_for(lambda: elsewhere.locator("video").evaluate("video => video.currentTime") > 0.1, "playing elsewhere")


def test_anyone_reads_how_this_place_is_moderated(people: People):
    for size, language, title in (
        (PHONE, "fr", "Comment ce lieu est modéré"),
        (WIDE, "en", "How this place is moderated"),
    ):
        page = people.arrive(size=size, path=f"/transparency?lang={language}")
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        fits(page)
        picture(page, f"transparency-{language}")


def test_an_operator_sees_what_another_policy_would_change(people: People, installation: Installation):
    ada, boss = people.arrive(), people.arrive(size=WIDE)
    sign_up(ada, "policy_ada")
    video = upload(ada, "bikes.mp4", "Bikes")
    said = ada.request.post(f"/api/videos/{video}/comments", data={"text": "just kill yourself"})
    assert said.status == 201
    sign_up(boss, "policy_boss")
    made = installation.run("admin", "make-admin", "policy_boss")
    assert made.returncode == 0, made.stderr
    shipped = files("penchant.safety").joinpath("policy.toml").read_text("utf-8")
    rule = 'on = ["video", "comment"]\ndo = "remove"\n'
    assert rule in shipped
    boss.goto("/admin")
    policy = boss.get_by_test_id("admin-policy")

    def choose(text: str) -> None:
        policy.get_by_test_id("policy-file").set_input_files(
            {"name": "policy.toml", "mimeType": "application/toml", "buffer": text.encode()}
        )

    choose(shipped)
    expect(policy.get_by_test_id("policy-found")).to_contain_text("It would change nothing")
    choose(shipped.replace("harm = 1", "harm = 9", 1))
    expect(policy.get_by_test_id("policy-wrong")).to_contain_text("`harm` is from 1 to 5")
    choose(shipped.replace(rule, rule + "alone = true\n", 1))
    expect(policy.get_by_test_id("policy-found")).to_contain_text("It would change 1 of")
    expect(policy.get_by_test_id("policy-change")).to_contain_text("Comment: Removed, if a person says so → Removed")
    picture(boss, "policy-wide")
    # Nothing has happened.
    shown = ada.request.get(f"/api/videos/{video}/comments").json()["comments"]
    assert [comment["text"] for comment in shown] == ["just kill yourself"]
