"""axe-core finds nothing to mend on any page, in either language, with errors or without."""

import json
from collections.abc import Callable, Iterable

import pytest
from browser.demo import PROJECT, Demo
from playwright.sync_api import Page

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
# Each form is sent empty: its own checks answer, not the browser's.
SUBMIT_EMPTY = """form => {
    form.noValidate = true;
    form.querySelectorAll('[required]').forEach(field => field.value = '');
    form.requestSubmit();
}"""
FORMS = [
    "account_change_password", "agreement_new", "commitment_new", "detection_runs", "effect_new", "feed_new",
    "group_new", "organization_new", "person_new", "publication_new", "report", "roster_import", "seat_new",
]  # fmt: skip


def violations(page: Page) -> list[str]:
    """Rule and place of each violation, such as "color-contrast: .tl-hint"."""
    if not AXE.exists():
        pytest.fail("axe-core is not installed; `make node_modules/installed` brings it.")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [f"{rule['id']}: {json.dumps([node['target'] for node in rule['nodes'][:3]])}" for rule in found]


def violations_on(page: Page, addresses: Iterable[str]) -> dict[str, list[str]]:
    found = {}
    for address in addresses:
        page.goto(address)
        if bad := violations(page):
            found[address] = bad
    return found


@pytest.mark.parametrize("role", ["Data analyst", "Project manager"])
def test_every_page_of_someone_signed_in(demo: Demo, signed_in: Callable[..., Page], role: str) -> None:
    addresses = [address for several in demo.pages().values() for address in several]
    assert violations_on(signed_in(role), addresses) == {}


@pytest.mark.parametrize("role", ["Data analyst", "Project manager"])
def test_forms_that_were_filled_in_wrongly(demo: Demo, signed_in: Callable[..., Page], role: str) -> None:
    page, found, refused = signed_in(role), {}, 0
    for address in (
        address for name, several in demo.pages().items() if name in FORMS for address in several
    ):
        page.goto(address)
        forms = page.get_by_role("main").locator("form[method=post]")
        if not forms.count():
            continue  # not this role's
        with page.expect_navigation():
            forms.first.evaluate(SUBMIT_EMPTY)
        refused += page.locator(".usa-error-message, .tl-errors").count() > 0
        if bad := violations(page):
            found[address] = bad
    assert found == {}
    assert refused >= 5


def test_the_pages_of_strangers_in_both_languages(demo: Demo, open_page: Callable[..., Page]) -> None:
    pages = demo.pages()
    addresses = ["/account/login/", "/account/password/reset/", "/public/nothing/", "/nothing/"]
    public = [*pages["public_home"], *pages["public_page"], *pages["public_version"], *pages["public_uses"]]
    in_both = [f"{address}?language={language}" for address in public for language in ("en", "es")]
    assert violations_on(open_page(), [*addresses, *in_both]) == {}
    assert violations_on(open_page(locale="es-MX"), addresses) == {}


def test_the_pages_that_refuse(signed_in: Callable[..., Page]) -> None:
    page = signed_in("Member")
    assert page.goto("/feeds/").status == 403
    assert violations(page) == []
    assert page.goto("/nothing/").status == 404
    assert violations(page) == []


def test_the_site_in_spanish(signed_in: Callable[..., Page]) -> None:
    page = signed_in("Data analyst", locale="es-MX")
    assert violations_on(page, ["/", "/signals/", "/commitments/"]) == {}
    assert page.locator("html").get_attribute("lang") == "es"


def test_a_violation_would_be_found(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/account/login/")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert violations(page) == ['html-has-lang: [["html"]]']
