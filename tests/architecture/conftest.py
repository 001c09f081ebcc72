"""The project's own source, read once: what import rules can't see is looked for in it."""

import ast
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SOURCE = PROJECT / "src" / "throughline"


@dataclass(frozen=True)
class Source:
    """One module; `name` is its path below the package, such as `evidence/feeds/actions.py`."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(SOURCE).as_posix()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def functions(self) -> list[ast.FunctionDef]:
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]

    @property
    def imports(self) -> set[str]:
        """Every imported module, and every imported name behind its module: `django.dispatch.receiver`."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        return found


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    return [Source(path) for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


@pytest.fixture(scope="session")
def contracts() -> ConfigParser:
    parser = ConfigParser()
    parser.read(PROJECT / ".importlinter", encoding="utf-8")
    return parser
