"""The documentation says what the code does: generated pages, commands, links, examples."""

import importlib.util
import inspect
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from click import Option
from click.testing import CliRunner

from throughline.cli.commands import throughline
from throughline.formats.mapping import parse_mapping


@pytest.fixture(scope="module")
def generate(project) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", project / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def documents(project) -> dict[Path, str]:
    paths = [*project.glob("*.md"), *(project / "docs").rglob("*.md")]
    return {path: path.read_text(encoding="utf-8") for path in paths}


def test_the_reference_is_what_the_code_says(generate):
    behind = [
        name
        for name, text in generate.reference().items()
        if not (path := generate.REFERENCE / name).exists() or path.read_text(encoding="utf-8") != text
    ]
    assert behind == [], "run `make docs`"


def test_every_setting_that_is_read_is_explained_and_no_other(generate):
    assert {name for name, _ in generate._settings_read()} == set(generate.SETTINGS)


def test_links_lead_somewhere(documents):
    broken = [
        f"{path.name}: {target}"
        for path, text in documents.items()
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_the_tests_that_are_named_exist(documents, project):
    written = "\n".join(path.read_text(encoding="utf-8") for path in (project / "tests").rglob("test_*.py"))
    by_hand = [text for path, text in documents.items() if path.parent.name != "reference"]
    named = {name for text in by_hand for name in re.findall(r"`(test_\w+)`", text)}
    assert len(named) > 15
    assert {name for name in named if f"def {name}(" not in written} == set()


def test_the_architecture_page_shows_the_list_as_it_is(documents, project, contracts):
    listed = [
        line.split() for line in contracts["importlinter:contract:story"]["layers"].strip().splitlines()
    ]
    shown = re.search(
        r"## The list.*?```text\n(.*?)```", documents[project / "ARCHITECTURE.md"], re.DOTALL
    ).group(1)
    layers = [line.split() for line in shown.splitlines() if not line.startswith(" ")]
    assert [line[: len(layer)] for line, layer in zip(layers, listed, strict=True)] == listed


def test_every_decision_names_the_option_not_taken(project):
    decisions = sorted((project / "docs" / "decisions").glob("*.md"))
    assert [path.name for path in decisions if "**Not taken.**" not in path.read_text(encoding="utf-8")] == []
    assert [path.name[:4] for path in decisions] == [
        f"{number:04}" for number in range(1, len(decisions) + 1)
    ]


def test_the_commands_that_are_shown_exist_with_their_options(documents):
    shown = [(path, line) for path, text in documents.items() for line in _command_lines(text)]
    assert len(shown) > 15
    for path, line in shown:
        name, *rest = shlex.split(line, comments=True)[1:]
        command = throughline.commands.get(name)
        assert command or name.startswith("--"), f"{path.name}: {line}"
        known = {
            option
            for each in (command or throughline).params
            if isinstance(each, Option)
            for option in each.opts
        }
        assert {word for word in rest if word.startswith("--")} <= known | {"--help"}, f"{path.name}: {line}"


def _command_lines(text: str) -> Iterator[str]:
    """Lines of shell examples that call `throughline`, with their continuations."""
    for block in re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if found := re.match(r"(?:\$ )?(?:\S+=\S+ )*(?:sudo .* )?(?:\S*/)?(throughline .*)", line):
                yield found.group(1)


def test_the_guide_shows_every_setting_of_a_mapping_and_each_example_is_right(project):
    guide = (project / "docs" / "guides" / "mappings.md").read_text(encoding="utf-8")
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", guide, re.DOTALL)]
    for example in examples:
        parse_mapping({"occurred_at": {"columns": ["date"], "time_zone": "UTC"}} | example)
    bullets = "\n".join(
        line for line in inspect.getdoc(parse_mapping).splitlines() if re.match(r"- |  ", line)
    )
    assert set(re.findall(r"`(\w+)`", bullets)) <= {key for example in examples for key in _keys(example)}


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _keys(part)


@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_the_guides_can_be_followed_from_an_empty_installation(project, settings, tmp_path, monkeypatch):
    """The shell examples of the guides, in order, print what the guides say."""
    monkeypatch.chdir(project)
    settings.HOME, settings.WAREHOUSE_DIR = tmp_path, tmp_path / "warehouse"
    begin = "install", "roster", "agreements", "mappings", "receipts"
    for guide in (*begin, "death-records", "entries-and-counts"):
        text = (project / "docs" / "guides" / f"{guide}.md").read_text(encoding="utf-8")
        for command, printed in _dialogue(text):
            result = CliRunner().invoke(throughline, shlex.split(command)[1:], input="a long password\n" * 2)
            assert result.exit_code == 0, f"{command}\n{result.output}"
            assert printed in {"", result.stdout.strip()}, command


def _dialogue(text: str) -> Iterator[tuple[str, str]]:
    """Each `$ command` of the console examples, with what is shown below it."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for exchange in block.split("$ ")[1:]:
            command, _, printed = exchange.partition("\n")
            yield command, printed.strip()
