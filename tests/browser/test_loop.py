"""The loop clicked through: from a signal to a published page, by the people whose work it is."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from browser.demo import Demo
from playwright.sync_api import Page, expect

DUE = date.today() + timedelta(days=3)  # noqa: DTZ011  the browser's calendar is this machine's


@pytest.fixture
def analyst(signed_in: Callable[..., Page]) -> Page:
    return signed_in("Data analyst")


def choose(page: Page, label: str, typed: str) -> str:
    """Choose the first who fits in a combo box, with keys alone; the name that stands in it afterwards."""
    box = page.get_by_role("combobox", name=label)
    box.focus()
    page.keyboard.type(typed)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    return box.input_value()


def step(page: Page, name: str):
    return page.locator("#answer > ol > li").filter(has_text=re.compile(rf"^\s*{name}\b"))


def test_a_signal_is_answered_by_a_named_person_with_proof(analyst: Page) -> None:
    page = analyst
    page.goto("/")
    waiting = page.locator("section", has=page.get_by_role("heading", name="Signals that wait for you"))
    new = waiting.get_by_role("listitem").filter(has_text=re.compile("(Spike|Hotspot): "))
    new.first.get_by_role("link").first.click()
    title = page.get_by_role("heading", level=1).inner_text()

    page.get_by_role("button", name="Acknowledge and open a response").click()
    expect(step(page, "Acknowledge")).to_contain_text("Done")

    page.get_by_label("Plan").fill("Two outreach workers go to the bus station, 16 to 20 h, with 40 kits.")
    page.get_by_role("button", name="This is the plan").click()
    expect(step(page, "Plan")).to_contain_text("Done")

    page.get_by_role("link", name="Make a commitment").click()
    expect(page.get_by_role("link", name=title)).to_be_visible()
    page.get_by_label("What will be done").fill("Post two outreach workers at the bus station")
    owner = choose(page, "Who does it", page.locator(".tl-who").inner_text())
    deputy = choose(page, "Who steps in", "corvino")
    page.get_by_label("Due on").fill(DUE.isoformat())
    page.get_by_role("button", name="Promise it").click()
    promise = page.get_by_role("row", name=re.compile("Post two outreach workers"))
    expect(promise).to_contain_text(owner.partition(", ")[0])
    expect(promise).to_contain_text(deputy.partition(", ")[0])
    expect(promise.locator(f"time[datetime='{DUE.isoformat()}']")).to_be_visible()

    page.get_by_label("What help went where").fill("Two workers stood at the bus station; 31 kits went out.")
    page.get_by_role("button", name="This moved").click()
    expect(step(page, "Move help")).to_contain_text("31 kits went out")

    page.get_by_role("link", name="Post two outreach workers at the bus station").click()
    page.get_by_label("What proves it").select_option("A number")
    page.get_by_label("What was done").fill("Kits handed out, from the team's log.")
    page.get_by_label("Number").fill("31")
    page.get_by_role("button", name="Give proof and close as done").click()
    expect(page.get_by_text("A number: 31")).to_be_visible()
    expect(page.get_by_text("Kept", exact=True)).to_be_visible()

    page.get_by_role("link", name=title).click()
    page.get_by_text("Close it").click()
    page.locator("label").get_by_text("Answered, and we can't tell yet").click()
    page.get_by_label("Note").fill("Measured once the days after are over.")
    page.get_by_role("button", name="Close the signal").click()
    expect(page.get_by_text("Answered, and we can't tell yet", exact=True).first).to_be_visible()
    expect(page.locator("#history")).to_contain_text("closed")


def test_an_older_answer_is_measured_and_published_for_everyone(
    analyst: Page, demo: Demo, open_page: Callable[..., Page]
) -> None:
    page = analyst
    page.goto(demo.pages()["effect_new"][0])
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("heading", name="What changed", level=1)).to_be_visible()

    page.get_by_role("link", name="Publish this").click()
    page.get_by_label("Title").fill("What changed after help went out")
    page.get_by_label("In your own words").fill("Teams with naloxone went there after a signal.")
    page.get_by_role("button", name="Look at what will be released").click()
    preview = page.locator("section", has=page.get_by_role("heading", name="This is exactly what everyone"))
    expect(preview.get_by_text("withheld", exact=True).first).to_be_visible()
    shown = preview.get_by_role("table", name="Events counted").inner_text()
    page.get_by_role("button", name="Publish for everyone").click()
    expect(page.get_by_text("Files are as they were frozen")).to_be_visible()

    stranger = open_page()
    stranger.goto("/public/")
    stranger.get_by_role("link", name="What changed after help went out").click()
    assert stranger.get_by_role("table", name="Events counted").inner_text() == shown
    expect(stranger.get_by_text("A withheld count can be small or large")).to_be_visible()
    with stranger.expect_download() as download:
        stranger.get_by_role("link", name="The table (CSV)").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text())))
    assert len(rows) > 1
    assert any("" in row or "withheld" in row for row in rows[1:]), rows
