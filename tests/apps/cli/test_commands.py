"""Commands are loaded when they are called: help and scans need no installation."""

import os
import subprocess
import sys
from importlib import import_module

from throughline.cli.commands import ENTRIES, throughline

BARE = {"PATH": os.environ["PATH"]}  # no settings at all


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], env=BARE, capture_output=True, text=True, check=False)


def call(*arguments: str) -> subprocess.CompletedProcess[str]:
    return python(
        f"import sys; sys.argv[1:] = {list(arguments)}; from throughline.cli.main import main; main()"
    )


def test_the_list_holds_every_command_and_says_what_each_says():
    modules = {import_module(f"throughline.cli.{entry.module}") for entry in ENTRIES.values()}
    commands = {command.name: command for module in modules for command in module.COMMANDS}
    assert {name: entry.help for name, entry in ENTRIES.items()} == {
        name: command.get_short_help_str(limit=1000) for name, command in commands.items()
    }
    assert list(throughline.commands) == sorted(commands)


def test_help_needs_no_settings():
    result = call("--help")
    assert result.returncode == 0
    assert "Look for clusters of cases in space and time." in result.stdout


def test_a_command_that_needs_settings_says_which():
    result = call("signals")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Error: Set THROUGHLINE_SECRET_KEY to a long random text and keep it secret.\n"


def test_a_scan_reads_its_files_before_anything_heavy_is_loaded():
    result = python(
        "import sys; from throughline.cli.commands import throughline\n"
        "try: throughline(['scan', 'nowhere.prm'])\n"
        "except SystemExit as end: print(end.code, sorted({'numba', 'django.conf', 'duckdb'} & set(sys.modules)))"
    )
    assert (
        result.stderr == "Error: nowhere.prm: No such file or directory. Expected a file that can be read.\n"
    )
    assert result.stdout == "2 []\n"


def test_a_command_that_nobody_wrote_is_named():
    result = call("divine")
    assert result.returncode == 2
    assert "No such command 'divine'." in result.stderr
