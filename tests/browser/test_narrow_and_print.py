"""Pages on a phone of 320 px, and on paper."""

from collections.abc import Callable
from pathlib import Path

from browser.demo import Demo
from playwright.sync_api import Page, expect

NARROW = {"width": 320, "height": 640}


def every_address(demo: Demo) -> list[str]:
    return [address for several in demo.pages().values() for address in several]


def width(page: Page) -> int:
    return page.evaluate("document.scrollingElement.scrollWidth")


def test_no_page_scrolls_sideways(demo: Demo, signed_in: Callable[..., Page], tmp_path_factory) -> None:
    shots: Path = tmp_path_factory.mktemp("screens-320")
    page, too_wide = signed_in("Data analyst", viewport=NARROW), {}
    for number, address in enumerate(every_address(demo)):
        page.goto(address)
        page.screenshot(path=shots / f"{number:02}.png", full_page=True)
        if width(page) > NARROW["width"]:
            too_wide[address] = width(page)
    assert too_wide == {}, f"look at {shots}"


def test_the_pages_of_strangers_do_not_either(demo: Demo, open_page: Callable[..., Page]) -> None:
    pages, page = demo.pages(), open_page(viewport=NARROW)
    for address in [
        "/account/login/",
        *pages["public_home"],
        *pages["public_page"],
        *pages["public_uses"],
        "/public/nothing/",
    ]:
        for language in ("en", "es"):
            page.goto(f"{address}?language={language}")
            assert width(page) <= NARROW["width"], page.url


def test_the_menu_opens_and_closes_by_keyboard(signed_in: Callable[..., Page]) -> None:
    page = signed_in("Data analyst", viewport=NARROW)
    page.goto("/")
    rail = page.get_by_role("link", name="Commitments", exact=True)
    expect(rail).to_be_hidden()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(rail).to_be_visible()
    page.keyboard.press("Escape")
    expect(rail).to_be_hidden()
    page.keyboard.press("Enter")
    rail.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Commitments", level=1)).to_be_visible()


def test_paper_holds_the_page_without_its_frame(
    demo: Demo, signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = signed_in("Data analyst")
    for address in ["/", *demo.pages()["signal"][:1], *demo.pages()["effect"][:1]]:
        page.goto(address)
        page.emulate_media(media="print")
        for frame in [".tl-rail", ".tl-header__end", ".usa-skipnav", "main .usa-button"]:
            for part in page.locator(frame).all():
                expect(part).to_be_hidden()
        expect(page.get_by_text("Simulated data.")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        assert (tmp_path / "page.pdf").stat().st_size > 10_000
