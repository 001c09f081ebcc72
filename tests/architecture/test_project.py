"""The project stands alone, and its files keep a size that a person can read."""

import ast
import json
import re
import tomllib
from statistics import median, quantiles

WRITTEN = (".py", ".md", ".html", ".css", ".js", ".toml", ".yaml", ".json", ".cfg", ".po")
OF_A_MACHINE = re.compile(r"(?<![\w.>}])/(work|tmp|home|root)(/|\b(?![-\w]))")


def test_nothing_names_the_machine_it_was_written_on(project):
    roots = [project / "src", project / "docs", project / "benchmarks"]
    files = [path for root in roots for path in root.rglob("*") if path.suffix in WRITTEN]
    files += [project / "Makefile", project / ".importlinter", *project.glob("*.md"), *project.glob("*.toml")]
    named = [
        f"{path.relative_to(project)}: {found.group()}"
        for path in files
        if (found := OF_A_MACHINE.search(path.read_text(encoding="utf-8")))
    ]
    assert len(files) > 300
    assert named == []


def test_the_locks_name_no_hosts(project):
    """Packages are pinned by hash; where they come from is the machine's business."""
    lock = json.loads((project / "package-lock.json").read_text())
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert "://" not in (project / "requirements.lock").read_text()


def test_every_direct_dependency_says_why(project):
    text = (project / "pyproject.toml").read_text()
    told = tomllib.loads(text)
    named = [*told["project"]["dependencies"], *told["dependency-groups"]["dev"]]
    unexplained = [
        name for name in named if not re.search(re.escape(f'"{name}",') + r" *# (\w+|\.\.\.)", text)
    ]
    assert unexplained == []


def test_functions_and_files_stay_short(sources, capsys):
    """Gauges to look at; the limits only stop a landslide."""
    functions = [_length(function) for source in sources for function in source.functions]
    views = [_length(f) for source in sources if source.path.stem == "views" for f in source.functions]
    files = [len(source.path.read_text().splitlines()) for source in sources]
    with capsys.disabled():
        for name, lengths in {"functions": functions, "views": views, "files": files}.items():
            told = f"{len(lengths)}, median {median(lengths):.0f} lines, 95 % up to {_p95(lengths):.0f}"
            print(f"\n  {name}: {told}", end="")  # noqa: T201  a gauge is to be looked at
    assert (median(functions) <= 10, _p95(functions) <= 40, _p95(views) <= 30) == (True, True, True)
    assert (_p95(files) <= 300, max(files) <= 400) == (True, True)


def _p95(lengths: list[int]) -> float:
    return quantiles(lengths, n=20)[-1]


def _length(function: ast.FunctionDef) -> int:
    """Lines of the body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 1
