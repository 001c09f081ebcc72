"""Looks for files that a format fails on: FUZZ_SECONDS (600) of damaged files for each format, or for those named.

    make fuzz
    FUZZ_SECONDS=60 .venv/bin/python fuzz/formats.py tabular

What a format fails on is kept under var/fuzz and named; the command then ends with 1.
"""

import os
import sys
import traceback
from pathlib import Path
from time import monotonic

from click import echo
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fuzzing import HOSTILE, check_reading, damaged, peak_megabytes  # noqa: E402

from throughline.formats.registry import Format, known_formats  # noqa: E402

SECONDS = float(os.environ.get("FUZZ_SECONDS", "600"))
KEPT = ROOT / "var" / "fuzz"
ONE_GIGABYTE_LINE = 1024


def main(keys: list[str]) -> int:
    formats = known_formats()
    failed = [key for key in keys or formats if not survives(formats[key])]
    echo(f"{len(failed)} formats failed: {', '.join(failed)}" if failed else "No format failed.")
    return 1 if failed else 0


def survives(known: Format) -> bool:
    until, tried, round_ = monotonic() + SECONDS, 0, 0
    for name, content in HOSTILE.items():
        if not holds(known, content, name):
            return False
    if not holds(
        known, b"id,date\n1," + b"x" * 1024 * 1024 * ONE_GIGABYTE_LINE, "a line of 1 GB", keep=False
    ):
        return False
    while monotonic() < until:
        round_ += 1
        done = one_round(known, round_)
        if done is None:
            return False
        tried += done
    echo(f"{known.KEY}: {tried:,} damaged files, peak memory {peak_megabytes():,.0f} MB")
    return True


def one_round(known: Format, number: int) -> int | None:
    """A few hundred files; how many, or None where one failed. Hypothesis makes that one as small as it can."""
    tried, last = 0, b""

    @seed(number)
    @settings(
        max_examples=300,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(content=st.deferred(lambda: damaged(known.KEY)))
    def check(content: bytes) -> None:
        nonlocal tried, last
        tried, last = tried + 1, content
        check_reading(known, content)

    try:
        check()
    except Exception:
        report(known, last, f"round {number}")
        return None
    return tried


def holds(known: Format, content: bytes, name: str, *, keep: bool = True) -> bool:
    try:
        check_reading(known, content)
    except Exception:
        report(known, content if keep else b"", name)
        return False
    return True


def report(known: Format, content: bytes, name: str) -> None:
    traceback.print_exc()
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{known.KEY}-{name.replace(' ', '-')}"
    path.write_bytes(content)
    echo(f"{known.KEY} failed on {path}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
