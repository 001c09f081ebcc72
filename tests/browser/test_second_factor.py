"""Whoever has signed in can set up a second step, without help."""

import re
from collections.abc import Callable

from browser.demo import PASSWORD
from playwright.sync_api import Page, expect


def test_the_page_shows_what_an_authenticator_needs(signed_in: Callable[..., Page]) -> None:
    page = signed_in("Privacy officer")
    page.goto("/account/2fa/")
    section = page.locator("section", has=page.get_by_role("heading", name="Authenticator App"))
    section.get_by_role("link", name="Activate").click()
    # Whoever found the machine unlocked must not be able to add a second step.
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label(re.compile("secret", re.IGNORECASE))).to_have_value(
        re.compile("^[A-Z2-7]{16,}$")
    )
