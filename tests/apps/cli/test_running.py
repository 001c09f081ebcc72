"""Serving: several processes answer as one."""

import os
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings

from throughline.cli import running


def test_all_processes_that_serve_share_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none is set, each process would make up its own and sign people out on every other click."""
    started: list[Any] = []
    monkeypatch.delenv("THROUGHLINE_SECRET_KEY", raising=False)
    monkeypatch.setattr(running, "prepare_static_files", lambda: None)
    monkeypatch.setattr(os, "execv", lambda *command: started.append(command))
    CliRunner().invoke(running.serve, [], catch_exceptions=False)
    assert started
    assert os.environ["THROUGHLINE_SECRET_KEY"] == settings.SECRET_KEY
    monkeypatch.delenv("THROUGHLINE_SECRET_KEY")
