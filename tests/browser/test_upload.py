"""Files handed over in the browser: taken in by the worker, or refused with a reason."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from browser.demo import Demo
from playwright.sync_api import Page, expect

# What a worker takes a second for may take longer on a busy machine.
PATIENCE = 30_000


@pytest.fixture
def steward(signed_in: Callable[..., Page]) -> Page:
    return signed_in("Data steward")


def open_own_feed(page: Page) -> str:
    """The key of the feed that the signed-in steward answers for; its page is open afterwards."""
    page.goto("/feeds/")
    name = page.locator(".tl-who").inner_text()
    page.get_by_role("row", name=name).get_by_role("rowheader").get_by_role("link").click()
    page.get_by_role("heading", name="Hand over a file").wait_for()
    return page.url.rstrip("/").rpartition("/")[2]


def new_file(demo: Demo, feed: str, folder: Path) -> tuple[Path, int]:
    """The agency's last file once more under new record numbers, with a row that says nothing else; its rows."""
    last = max((demo.home / "city" / "deliveries" / feed).glob("*.csv"))
    with last.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    rows = [[f"NEW-{number}", *cells] for number, (_record, *cells) in enumerate(rows)]
    rows.append(["NEW-EMPTY", *([""] * (len(header) - 1))])
    written = folder / "new.csv"
    with written.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return written, len(rows)


def hand_over(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Hand over").click()


def rows_of(page: Page, name: str) -> int:
    return int(page.get_by_role("row", name=name).get_by_role("cell").inner_text())


def test_the_worker_takes_a_file_in_and_the_page_turns_into_its_receipt(
    steward: Page, demo: Demo, tmp_path: Path
) -> None:
    file, rows = new_file(demo, open_own_feed(steward), tmp_path)
    hand_over(steward, file)
    # Until the worker takes the file up, the progress; afterwards, without a click, the receipt.
    receipt = steward.get_by_role("heading", name="Receipt for new.csv")
    expect(steward.get_by_role("progressbar").or_(receipt)).to_be_visible()
    expect(receipt).to_be_visible(timeout=PATIENCE)
    accepted, set_aside = rows_of(steward, "Accepted"), rows_of(steward, "Set aside, to be mended")
    assert accepted > 0
    assert set_aside > 0
    assert accepted + set_aside + rows_of(steward, "Duplicates of what was known") == rows
    assert rows_of(steward, "Rows in the file") == rows


def test_a_file_of_a_wrong_kind_is_refused_in_words_and_kept_until_somebody_decides(
    steward: Page, tmp_path: Path
) -> None:
    file = tmp_path / "report.csv"
    file.write_bytes(b"%PDF-1.7\n1 0 obj\n")
    open_own_feed(steward)
    hand_over(steward, file)
    refusal = steward.get_by_role("alert")
    expect(refusal).to_contain_text("This file could not be read", timeout=PATIENCE)
    expect(refusal).to_contain_text("report.csv")
    expect(refusal).to_contain_text("PDF")
    steward.get_by_role("button", name="Try again").click()
    expect(steward.get_by_role("alert")).to_contain_text("This file could not be read", timeout=PATIENCE)
    steward.get_by_role("button", name="Discard the file").click()
    expect(steward.get_by_role("heading", name="Deliveries")).to_be_visible()
    expect(steward.get_by_text("report.csv")).to_have_count(0)
