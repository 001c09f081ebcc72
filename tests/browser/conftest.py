"""A small simulated city, served as `make demo` serves one, and a browser to use it with."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from browser.demo import PASSWORD, PROJECT, Demo
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    StorageState,
    sync_playwright,
)

HERE = Path(__file__).parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Five months hold a whole life of a signal, up to the measured and published effect.
CITY = ["--scale", "0.25", "--months", "5", "--until", "2026-10-31"]
READY_WITHIN = 300  # seconds, for building the city and starting the server
WIDE = {"width": 1280, "height": 800}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them need one city, so they stay in one process; `pytest -n 2 --dist loadgroup` keeps to that."""
    for item in (item for item in items if HERE in item.path.parents):
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.xdist_group("browser"))
        if CHROMIUM is None and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason="There is no Chromium on this machine's path."))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    home, port = tmp_path_factory.mktemp("demo"), _free_port()
    environment = os.environ | {
        "THROUGHLINE_HOME": str(home),
        "THROUGHLINE_SIMULATED": "yes",
        "DJANGO_SETTINGS_MODULE": "throughline.config.settings",
    }
    environment.pop("THROUGHLINE_DEBUG", None)  # pages are tested as they are in production
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "throughline.cli", "demo", "--port", str(port), *CITY]
    log = home.with_suffix(".log")
    with log.open("w") as out:
        serving = subprocess.Popen(command, env=environment, cwd=PROJECT, stdout=out, stderr=out)
    try:
        _wait_until_served(f"http://127.0.0.1:{port}/public/", serving, log)
        logins = json.loads((home / "demo-ready.json").read_text())
        yield Demo(
            f"http://127.0.0.1:{port}", environment, {login["role"]: login["email"] for login in logins}
        )
    finally:
        serving.terminate()
        serving.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_served(address: str, serving: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and serving.poll() is None:
        try:
            urlopen(address).close()  # noqa: S310  our own server
            return
        except (URLError, ConnectionError):
            time.sleep(0.3)
    pytest.fail(f"The demo was not served within {READY_WITHIN} s:\n{log.read_text()[-3000:]}")


# A live Playwright keeps an event loop in the process, in which Django refuses to ask its database; so it ends with
# each module, before tests of other folders run.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture(scope="session")
def sessions() -> dict[str, StorageState]:
    """The cookies of those who have signed in, so that each role signs in once."""
    return {}


@pytest.fixture
def open_page(demo: Demo, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A stranger's page; the test fails where a script broke, the browser refused one, or a file was missing."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        options = {"viewport": WIDE, "base_url": demo.address, "locale": "en-US"} | options
        contexts.append(chromium.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: faults.extend(_refused(said)))
        page.on("response", lambda answer: faults.extend(_missing(answer)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def _refused(said: ConsoleMessage) -> list[str]:
    """What the content security policy kept from running."""
    return [said.text] if "Content Security Policy" in said.text else []


def _missing(answer: Response) -> list[str]:
    is_broken = answer.status >= 500 or (answer.status >= 400 and "/static/" in answer.url)
    return [f"{answer.status} {answer.url}"] if is_broken else []


@pytest.fixture
def signed_in(
    demo: Demo, open_page: Callable[..., Page], sessions: dict[str, StorageState]
) -> Callable[..., Page]:
    """`signed_in("Data analyst")` is a page of somebody with that role."""

    def opened(role: str, **options: Any) -> Page:
        if role in sessions:
            return open_page(storage_state=sessions[role], **options)
        page = open_page(**options)
        page.goto("/account/login/")
        page.get_by_label("Email").fill(demo.logins[role])
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Today").wait_for()
        sessions[role] = page.context.storage_state()
        return page

    return opened
