"""Reads the reference's parameter files; refuses by name what we can't do, so that nothing is silently left out."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from throughline.cli.faults import Fault
from throughline.cli.scan.calendar import Span, Unit, parse_time
from throughline.cli.scan.rows import read_text
from throughline.cli.scan.settings import ABOUT_OUTPUT, KNOWN, OUTPUT_SECTIONS, WITHOUT_EFFECT, Known
from throughline.formats.faults import shown

SWITCHES = {"y": "y", "yes": "y", "true": "y", "1": "y", "n": "n", "no": "n", "false": "n", "0": "n"}
FURTHER_DATA_SET = re.compile(r"(Case|Control|Population)File([2-9]|\d\d)")


@dataclass(frozen=True, slots=True)
class Line:
    """One setting as it stands in the file."""

    line: int
    section: str
    key: str
    value: str


@dataclass(frozen=True)
class Parameters:
    """The settings of one analysis, known and supported. `unused` are wishes that change no answer."""

    path: Path
    lines: Mapping[str, Line]
    unused: tuple[str, ...]

    def text(self, key: str) -> str:
        """The value, in the reference's spelling of switches, or the reference's default."""
        known, line = KNOWN[key], self.lines.get(key)
        return _normal(known, line.value) if line and line.value else known.default

    def named(self, key: str) -> str:
        """What the value means, in words."""
        return KNOWN[key].supported[self.text(key)]

    def is_on(self, key: str) -> bool:
        return self.text(key) == "y"

    def whole(self, key: str, *, least: int = 0) -> int:
        value = self.number(key, least=least, expected=f"a whole number of {least} or more")
        if value != int(value):
            raise self.fault(key, f"a whole number of {least} or more")
        return int(value)

    def number(self, key: str, *, least: float = 0, most: float = math.inf, expected: str = "") -> float:
        try:
            value = float(self.text(key))
        except ValueError:
            value = math.nan
        if not least <= value <= most or math.isinf(value):
            raise self.fault(key, expected or f"a number from {least:g} to {most:g}")
        return value

    def numbers(self, key: str) -> tuple[float, ...]:
        try:
            values = tuple(float(part) for part in self.text(key).split(","))
        except ValueError:
            values = (math.nan,)
        if not all(map(math.isfinite, values)):
            raise self.fault(key, "numbers with commas between")
        return values

    def unit(self, key: str) -> Unit:
        return Unit(int(self.text(key)))

    def time(self, key: str, unit: Unit) -> Span:
        span = parse_time(self.text(key), unit)
        if span is None:
            raise self.fault(key, "a whole number" if unit is Unit.GENERIC else "a date such as 2001/11/24")
        return span

    def file(self, key: str) -> Path | None:
        """The file that a setting names, relative to the parameter file; None where it names none."""
        name = self.text(key).strip('"')
        if not name:
            return None
        beside = self.path.parent / name
        try:
            found = beside.exists()
        except OSError as fault:
            raise self.fault(key, "a name that a file can have") from fault
        if "\0" in name:
            raise self.fault(key, "a name that a file can have")
        return beside if found else self.path.parent / PureWindowsPath(name).as_posix()

    def needed_file(self, key: str) -> Path:
        path = self.file(key)
        if path is None:
            raise self.fault(key, "the name of a file")
        return path

    def fault(self, key: str, expected: str) -> Fault:
        line = self.lines.get(key)
        where = f"{self.path.name}, line {line.line}" if line else f"{self.path.name} (by default)"
        return Fault(f"{where}: {key}={shown(line.value if line else self.text(key))}. Expected {expected}.")


def read_parameters(path: Path) -> Parameters:
    """The settings of a .prm file. A fault names the first that is unknown, or whose value isn't supported."""
    lines = _lines(path)
    parameters = Parameters(path, lines, tuple(line.key for line in lines.values() if _is_unused(line)))
    for key, line in lines.items():
        if key in KNOWN:
            _check_supported(parameters, line, KNOWN[key])
        elif not (key in WITHOUT_EFFECT or line.section in OUTPUT_SECTIONS):
            _refuse_unknown(parameters, line)
    return parameters


def _lines(path: Path) -> dict[str, Line]:
    found: dict[str, Line] = {}
    section = ""
    for number, text in enumerate(read_text(path).splitlines(), 1):
        content = text.strip()
        if content.startswith("["):
            section = content.strip("[]")
        elif content and not content.startswith((";", "#", "//")):
            line = _line(path, number, section, content)
            if line.key in found:
                raise Fault(f"{path.name}, line {number}: {line.key} is set a second time. Expected it once.")
            found[line.key] = line
    if not found:
        raise Fault(f"{path.name}: the file holds no settings. Expected lines such as CaseFile=NAME.cas.")
    return found


def _line(path: Path, number: int, section: str, content: str) -> Line:
    key, equals, value = content.partition("=")
    if not equals:
        raise Fault(
            f"{path.name}, line {number}: {shown(content)!r}. Expected a setting such as CaseFile=NAME.cas."
        )
    return Line(number, section, key.strip(), value.strip())


def _is_unused(line: Line) -> bool:
    """Whether a file, map or chart is wished for that we don't write, or it is anything else about output."""
    if line.key in WITHOUT_EFFECT | ABOUT_OUTPUT:
        return line.value.lower() == "y"
    return line.key not in KNOWN and line.section in OUTPUT_SECTIONS and bool(line.value)


def _normal(known: Known, value: str) -> str:
    is_switch = "n" in known.supported or "y" in known.supported
    return SWITCHES.get(value.lower(), value) if is_switch else value


def _check_supported(parameters: Parameters, line: Line, known: Known) -> None:
    value = parameters.text(line.key)
    if not known.supported or value in known.supported:
        return
    expected = " or ".join(f"{number} ({name})" for number, name in known.supported.items() if number)
    if value in known.refused or not expected:
        meaning = f" ({known.refused[value]})" if value in known.refused else ""
        raise Fault(
            f"{parameters.path.name}, line {line.line}: {line.key}={shown(line.value)}{meaning} is not supported. "
            f"Expected {expected or 'no value'}."
        )
    raise parameters.fault(line.key, expected)


def _refuse_unknown(parameters: Parameters, line: Line) -> None:
    where = f"{parameters.path.name}, line {line.line}: {line.key}={shown(line.value)}"
    if FURTHER_DATA_SET.fullmatch(line.key):
        if line.value:
            raise Fault(f"{where}: more than one data set is not supported. Expected one case file.")
    elif "-Source" in line.key:
        raise Fault(
            f"{where}: columns mapped on import are not supported. Expected the plain file that the import saves."
        )
    else:
        raise Fault(
            f"{where}: this setting is not known, so it can't be honoured. Expected it to be left out."
        )
