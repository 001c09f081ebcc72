"""Takes a tutorial apart: files to save, commands to type, and what is seen then."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "--- step"


@dataclass(frozen=True)
class Step:
    """One command, which may have several lines, and the lines that the tutorial shows after it."""

    command: str
    shown: tuple[str, ...]


def steps(page: Path) -> Iterator[Step]:
    """Every step in order; a file to save is a step that saves it."""
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if block["language"] == "console":
            yield from _typed(block["text"])
        elif block["file"]:
            yield Step(f"cat > {shlex.quote(block['file'])} <<'END OF FILE'\n{block['text']}END OF FILE", ())


def _typed(text: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        more = next((n for n, line in enumerate(lines[1:], 1) if not line.startswith(">")), len(lines))
        typed = [lines[0], *(line.removeprefix(">").removeprefix(" ") for line in lines[1:more])]
        yield Step("\n".join(typed), tuple(lines[more:]))


def follow(
    page: Path, folder: Path, environment: Mapping[str, str], keyboard: str
) -> Iterator[tuple[Step, str]]:
    """Do all steps in one shell, as a reader would, and give what each printed; stops at one that fails."""
    followed = list(steps(page))
    script = "".join(f"echo '{MARK}'\n{step.command}\n" for step in followed)
    shell = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder,
        env=environment,
        input=keyboard,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # without a terminal, passwords are read from `keyboard`
        check=False,
    )
    printed = shell.stdout.split(f"{MARK}\n")[1:]
    yield from zip(followed, printed, strict=False)
    assert shell.returncode == 0, f"{followed[len(printed) - 1].command}\n{printed[-1]}"


def check(step: Step, printed: str) -> None:
    """What the tutorial shows was printed, in that order; more may have been."""
    position = 0
    for line in step.shown:
        assert line in printed[position:], f"{step.command}\nshould print: {line}\nbut printed:\n{printed}"
        position = printed.index(line, position) + len(line)
