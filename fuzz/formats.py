"""Looks for files that a format fails on: FUZZ_SECONDS (600) of damaged files for each format, or for those named.

    make fuzz
    FUZZ_SECONDS=60 .venv/bin/python fuzz/formats.py tabular

What a format fails on is kept under var/fuzz and named; the command then ends with 1.
"""

import os
import sys
import traceback
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from click import echo
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from fuzzing import HOSTILE, check_file, check_reading, damaged, peak_megabytes, samples  # noqa: E402

from throughline.formats.limits import MEBIBYTE  # noqa: E402
from throughline.formats.registry import Format, known_formats  # noqa: E402

SECONDS = float(os.environ.get("FUZZ_SECONDS", "600"))
KEPT = ROOT / "var" / "fuzz"


def main(keys: list[str]) -> int:
    formats = known_formats()
    failed = [key for key in keys or formats if not survives(formats[key])]
    echo(f"{len(failed)} formats failed: {', '.join(failed)}" if failed else "No format failed.")
    return 1 if failed else 0


def survives(known: Format) -> bool:
    hostile = {**HOSTILE, "a line of 1 GB": b""}
    return all(holds(known, content, name) for name, content in hostile.items()) and fuzzed(known)


def fuzzed(known: Format) -> bool:
    until, tried = monotonic() + SECONDS, 0
    for number in count(1):
        done = one_round(known, number)
        if done is None:
            return False
        tried += done
        if monotonic() > until:
            break
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


def holds(known: Format, content: bytes, name: str) -> bool:
    """Whether a hostile file is read or refused as it should be; one without content here is a very long line."""
    try:
        if content:
            check_reading(known, content)
        else:
            check_long_line(known)
    except Exception:
        report(known, content, name)
        return False
    return True


def check_long_line(known: Format) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"line{known.SUFFIXES[0] if known.SUFFIXES else '.csv'}"
        with path.open("wb") as file:
            file.write(samples(known.KEY)[0][:200])
            file.writelines(b"x" * MEBIBYTE for _block in range(1024))
        check_file(known, path, most_seconds=120)


def report(known: Format, content: bytes, name: str) -> None:
    traceback.print_exc()
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{known.KEY}-{name.replace(' ', '-')}"
    path.write_bytes(content)
    echo(f"{known.KEY} failed on {path}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
