"""Everything that the loop asks of a person can be reached and seen with the Tab key."""

from collections.abc import Callable

import pytest
from browser.demo import Demo
from playwright.sync_api import Page, expect

MOST_STEPS = 250
# A visible focus is an outline, or a shadow or border that comes with it.
SEEN = """() => {
    const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return { name: at.name || at.id || at.textContent.trim().slice(0, 40), tag: at.tagName,
             seen: (outlined || style.boxShadow !== 'none') && box.width > 0 && box.height > 0 };
}"""
WANTED = """() => [...document.querySelectorAll('main :is(a[href], button, input, select, textarea, summary)')]
    .filter(part => part.checkVisibility() && part.tabIndex >= 0 && !part.disabled && part.type !== 'radio').length"""


def walk(page: Page) -> list[dict]:
    """All that the Tab key stops at, from the top of the page until it leaves it or comes round."""
    page.evaluate("document.activeElement.blur()")
    stops = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(SEEN)
        if stop["tag"] == "BODY":
            return stops
        stops.append(stop | {"in_main": page.evaluate("document.activeElement.closest('main') !== null")})
    return stops


def test_the_first_tab_offers_to_skip_to_the_content(signed_in: Callable[..., Page]) -> None:
    page = signed_in("Data analyst")
    page.goto("/signals/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize(
    "name",
    [
        "today",
        "signal",
        "commitment_new",
        "commitment",
        "effect",
        "publication_new",
        "feed",
        "mapping_draft",
        "report",
    ],
)
def test_the_pages_of_the_loop_are_reached_by_tab_with_a_visible_focus(
    demo: Demo, signed_in: Callable[..., Page], name: str
) -> None:
    page = signed_in("Data analyst")
    page.goto(demo.pages()[name][0])
    stops = walk(page)
    assert [stop["name"] for stop in stops if not stop["seen"]] == []
    reached = [stop for stop in stops if stop["in_main"]]
    assert len(reached) >= page.evaluate(WANTED)


def test_a_mapping_is_changed_and_tried_out_by_keyboard_without_losing_the_place(
    demo: Demo, signed_in: Callable[..., Page]
) -> None:
    page = signed_in("Data analyst")
    page.goto(demo.proposed_mapping)
    chosen = page.get_by_label("Time of day, where it stands in a column of its own")
    chosen.focus()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Home")
        page.keyboard.press("ArrowDown")
    expect(chosen).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Date to take where that one is empty")).to_be_focused()
    preview = page.get_by_role("status").filter(has_text="would be set aside")
    expect(preview).to_be_visible()
