"""How fast each page of the demo city answers, with one process serving, against a page that asks nothing.

Works on a copy of the demo in THROUGHLINE_HOME (var/demo, unless told), which it makes first where there is none.
The bar: 95 of 100 answers within 200 ms, no page with more than 30 queries.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

PROJECT = Path(__file__).parents[1]
sys.path.insert(0, str(PROJECT / "tests"))

from browser.demo import PASSWORD, Demo  # noqa: E402

ROLES = {"analyst": "Data analyst", "project_manager": "Project manager"}
TRIVIAL = "/account/login/"
CALLS = 20


class Timing(NamedTuple):
    median: float  # milliseconds
    p95: float


def main() -> None:
    home = Path(os.environ.get("THROUGHLINE_HOME", "var/demo"))
    with tempfile.TemporaryDirectory() as folder, _served(_copy(home, Path(folder))) as demo:
        trivial = _time(build_opener(), demo.address + TRIVIAL)
        print(f"{TRIVIAL} for a stranger: median {trivial.median:.0f} ms, p95 {trivial.p95:.0f} ms")
        for role, name in ROLES.items():
            _measure(demo, role, name, trivial)


def _measure(demo: Demo, role: str, name: str, trivial: Timing) -> None:
    addresses = [address for several in demo.pages().values() for address in several]
    queries = demo.query_counts(addresses, role)
    browser = _signed_in(demo, name)
    timings = {address: _time(browser, demo.address + address) for address in addresses}
    print(f"\n{name}: {CALLS} calls of each page\n{'median':>7} {'p95':>7} {'queries':>8}")
    for address, timing in sorted(timings.items(), key=lambda pair: -pair[1].p95):
        print(f"{timing.median:>4.0f} ms {timing.p95:>4.0f} ms {queries[address]:>8}  {address}")
    slowest = max(timing.p95 for timing in timings.values())
    print(f"Slowest p95: {slowest:.0f} ms. Most queries: {max(queries.values())}.")
    print(f"Today against {TRIVIAL}: {timings['/'].median / trivial.median:.1f} times its median")


def _copy(home: Path, folder: Path) -> dict[str, str]:
    """The environment of a copy of the demo, which signing in may change."""
    own = {"DJANGO_SETTINGS_MODULE": "throughline.config.settings", "THROUGHLINE_SIMULATED": "yes"}
    environment = os.environ | own | {"THROUGHLINE_SECRET_KEY": "benchmark", "THROUGHLINE_HOME": str(home)}
    command = [sys.executable, "-m", "throughline.cli", "demo", "--no-serve"]
    subprocess.run(command, env=environment, check=True, stdout=sys.stderr)
    shutil.copytree(home, folder / "demo")
    return environment | {"THROUGHLINE_HOME": str(folder / "demo")}


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[Demo]:
    logins = json.loads(Path(environment["THROUGHLINE_HOME"], "demo-ready.json").read_text())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "throughline.cli", "serve", "--port", str(port), "--workers", "1"]
    serving = subprocess.Popen(command, env=environment)
    try:
        demo = Demo(
            f"http://127.0.0.1:{port}", environment, {login["role"]: login["email"] for login in logins}
        )
        _wait_for(demo.address + TRIVIAL)
        yield demo
    finally:
        serving.terminate()
        serving.wait()


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            build_opener().open(address).close()
            return
        except URLError:
            time.sleep(0.2)
    raise TimeoutError(address)


def _signed_in(demo: Demo, role: str) -> OpenerDirector:
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    browser.open(demo.address + TRIVIAL).close()
    token = next(cookie.value for cookie in cookies if cookie.name == "csrftoken")
    form = {"login": demo.logins[role], "password": PASSWORD, "csrfmiddlewaretoken": token}
    browser.open(demo.address + TRIVIAL, urlencode(form).encode()).close()
    return browser


def _time(browser: OpenerDirector, address: str) -> Timing:
    """Milliseconds over a local connection; the first call, which fills caches, is left out."""
    _call(browser, address)
    taken = sorted(_call(browser, address) for _ in range(CALLS))
    return Timing(median(taken), taken[int(0.95 * CALLS) - 1])


def _call(browser: OpenerDirector, address: str) -> float:
    started = time.perf_counter()
    try:
        browser.open(address).read()
    except HTTPError as refused:  # not this person's page
        assert refused.code < 500, address
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
