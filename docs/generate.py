"""Writes docs/reference from the code itself: `make docs`. A test fails while a page there lags behind."""

import ast
import inspect
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, takewhile
from pathlib import Path

import click
import django
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import override

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = PROJECT / "src" / "throughline"
REFERENCE = PROJECT / "docs" / "reference"
NOTICE = "<!-- Written by `make docs` from the code; change the code instead. -->\n"

# What a setting means can't be read from the code that reads it.
SETTINGS = {
    "THROUGHLINE_HOME": "The folder that holds warehouse, publications, inbox, proofs and, unless told, the database.",
    "THROUGHLINE_NODE_MODULES": "Where the front-end packages lie, as npm installed them.",
    "THROUGHLINE_NAME": "The installation's name, in the header of every page and in invitations.",
    "THROUGHLINE_SIMULATED": "`yes` marks every page “simulated data” and allows `throughline demo`.",
    "THROUGHLINE_DEBUG": "`yes` shows traces on error pages. Never on a machine that others reach.",
    "THROUGHLINE_SECRET_KEY": "A long random text that signs sessions and links. Needed outside of demo and debugging.",
    "THROUGHLINE_HOSTS": "Host names under which the site answers, separated by commas.",
    "THROUGHLINE_ORIGINS": "Origins of forms, such as `https://throughline.example.org`, separated by commas.",
    "THROUGHLINE_EMAIL_BACKEND": "The Django class that sends e-mail. By default letters are written to the log.",
    "THROUGHLINE_EMAIL_HOST": "The mail server.",
    "THROUGHLINE_EMAIL_PORT": "The mail server's port.",
    "THROUGHLINE_EMAIL_USER": "The name to sign in with at the mail server; where it is set, TLS is used.",
    "THROUGHLINE_EMAIL_PASSWORD": "The password for the mail server.",
    "THROUGHLINE_EMAIL_FROM": "The address that letters come from.",
    "THROUGHLINE_TIME_ZONE": "The zone whose days are meant: on pages, in detection, in agreements.",
    "THROUGHLINE_NEMSIS_SCHEMAS": "A folder with the schemas of NEMSIS 3.5.1; EMS files must then be valid under them.",
    "THROUGHLINE_FEED_FILE_MAX_BYTES": "The largest feed file that is taken in.",
    "THROUGHLINE_API_FILES_PER_MINUTE": "Files that one agency's program may hand over within a minute.",
    "THROUGHLINE_DROP_DIR": "Agencies lay files into folders below it; `drop` in `THROUGHLINE_HOME`, unless told.",
    "THROUGHLINE_DROP_STILL_SECONDS": "For how long a file must not have changed before it is taken out of its folder.",
    "THROUGHLINE_TLS": "`yes` behind a proxy that speaks TLS: secure cookies, HSTS, redirects to https.",
    "THROUGHLINE_LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR.",
    "DATABASE_URL": "SQLite or PostgreSQL, such as `postgresql://user:password@localhost/throughline`.",
}


def commands() -> str:
    from throughline.cli.commands import throughline

    context = click.Context(throughline, info_name="throughline", terminal_width=100)
    parts = [_help(throughline, context)]
    for name in sorted(throughline.commands):
        command = throughline.commands[name]
        parts.append(
            f"## {name}\n\n{_help(command, click.Context(command, context, name, terminal_width=100))}"
        )
    return "# Commands\n\nA fault in what was given ends with 2 and one clear line.\n\n" + "\n\n".join(parts)


def _help(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context)}\n```"


def settings() -> str:
    rows = [(f"`{name}`", default, SETTINGS[name]) for name, default in sorted(_settings_read())]
    return (
        "# Settings\n\nAll settings come from the environment, read once when a process starts.\n\n"
        + _table(("name", "default", "meaning"), rows)
    )


def _settings_read() -> Iterator[tuple[str, str]]:
    read = (SOURCE / "config" / "settings.py", SOURCE / "formats" / "nemsis" / "reference.py")
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in read]
    for node in chain.from_iterable(map(ast.walk, trees)):
        match node:
            case ast.Call(func=ast.Name("env" | "env_flag"), args=[ast.Constant(str(name)), *rest]):
                yield f"THROUGHLINE_{name}", _default(rest)
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(str(name)), *rest]):
                yield name, _default(rest)


def _default(rest: list[ast.expr]) -> str:
    match rest:
        case [ast.Constant(str(value))]:
            return f"`{value}`"
        case [ast.JoinedStr(values=[ast.Constant(str(start)), *_])]:
            return f"`{start}` and a file in `THROUGHLINE_HOME`"
    return "–"


def event_fields() -> str:
    from throughline.formats.event import EVENT_FIELDS, SUBSTANCES, VOCABULARIES

    fields = [
        (f"`{field.name}`", field.kind, "yes" if field.identifying else "", field.description)
        for field in EVENT_FIELDS.values()
    ]
    words = [(f"`{name}`", ", ".join(sorted(known))) for name, known in VOCABULARIES.items()]
    substances = [(f"`{key}`", name) for key, name in SUBSTANCES.items()]
    return "\n\n".join(
        [
            "# Event fields",
            "The fields that agreements share and mappings fill. Identifying ones could single out a person.",
            _table(("field", "holds", "identifying", "meaning"), fields),
            "## Fixed vocabularies",
            _table(("field", "words"), words),
            "## Substances",
            _table(("word", "meaning"), substances),
        ]
    )


def mapping_settings() -> str:
    from throughline.formats.mapping import parse_mapping

    title = "# Mapping settings\n\nThe same with an example of each: [Feeds and mappings](../guides/mappings.md).\n\n"
    return title + (inspect.getdoc(parse_mapping) or "")


def indicators() -> str:
    from throughline.indicators import INDICATORS

    rows = [
        (f"`{each.key}`", each.name, each.definition, ", ".join(sorted(each.fields)))
        for each in INDICATORS.values()
    ]
    return (
        "# Indicators\n\nA feed counts for the indicators that it names (`--counts-for`), and for no other. The fields "
        "must be shared by the feed's agreement.\n\n"
        + _table(("key", "name", "definition", "fields needed"), rows)
    )


def roles() -> str:
    from throughline.members.access import ROLES, Permission

    roles = [(str(role.name), f"`{key}`", str(role.description)) for key, role in ROLES.items()]
    allowed = [
        (
            f"`{permission}`",
            ", ".join(str(role.name) for role in ROLES.values() if permission in role.permissions),
        )
        for permission in Permission
    ]
    return "\n\n".join(
        [
            "# Roles and permissions",
            "A seat carries a role; whoever holds the seat or deputises for it may do what the role allows.",
            _table(("role", "key", "in a sentence"), roles),
            "## Who may do what",
            _table(("permission", "roles"), allowed),
        ]
    )


def signal_kinds() -> str:
    from throughline.members.access import ROLES
    from throughline.signals.kinds import all_kinds

    rows = [
        (f"`{kind.key}`", str(kind.name), f"{kind.hours_to_answer} hours", str(ROLES[kind.owner_role].name))
        for kind in all_kinds()
    ]
    return (
        "# Kinds of signal\n\nThe clock stops when somebody acknowledges. Where nobody is named, "
        "the backbone's seat of that role answers.\n\n"
        + _table(("key", "name", "to be acknowledged within", "answered by"), rows)
    )


def pages() -> str:
    rows = [
        (f"`/{route}`", f"`{pattern.name}`", _permission(pattern))
        for route, pattern in _patterns(get_resolver())
        if pattern.callback.__module__.startswith("throughline.")
    ]
    return (
        "# Pages\n\nEvery address of the project and what it asks for. Those under `/account/` "
        "(sign-in, second factor, password) belong to django-allauth.\n\n"
        + _table(("address", "name", "permission"), rows)
    )


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from _patterns(pattern, route)


def _permission(pattern: URLPattern) -> str:
    permission = pattern.callback.permission
    return f"`{permission}`" if permission else "anyone"


def ledger_verbs() -> str:
    rows = sorted({(f"`{verb}`", f"`{module}`") for module, verb in _recorded()})
    return (
        "# Ledger verbs\n\nWhat an entry of the ledger may be called, and the module that appends it.\n\n"
        + _table(("verb", "module"), rows)
    )


def _recorded() -> Iterator[tuple[str, str]]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("record" | "record_read"), args=[ast.Constant(str(verb)), *_]):
                    yield ".".join(path.relative_to(SOURCE).with_suffix("").parts), verb


def manual(package: str) -> Callable[[], str]:
    """The worked examples of one package; each test is a section."""

    def write() -> str:
        files = [
            file
            for file in sorted((PROJECT / "tests" / "spec" / package).glob("test_*.py"))
            if _stands_alone(file)
        ]
        title = f"# Manual: {package}\n\nWorked examples. They are run with the tests, so they are true."
        return "\n\n".join([title, *map(_examples, files)])

    return write


def _stands_alone(file: Path) -> bool:
    """Examples that need reference material from outside the project prove it right, but explain nothing."""
    return "shared" not in file.read_text(encoding="utf-8").split("import", 1)[-1].partition("def test")[0]


def _examples(file: Path) -> str:
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    code = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)]
    tests = [node for node in code if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    set_up = [node for node in code if node not in tests]
    parts = [f"## {_title(file.stem)}", ast.get_docstring(tree) or ""]
    parts += ["Given:", _code(source, set_up)] if set_up else []
    for test in tests:
        parts += [f"### {_title(test.name)}", _code(source, [test])]
    return "\n\n".join(parts)


def _title(name: str) -> str:
    words = name.removeprefix("test_").replace("_", " ")
    return words[0].upper() + words[1:]


def _code(source: str, nodes: Iterable[ast.stmt]) -> str:
    """The statements as they are written, each as far from the one before as it was in its file."""
    lines = source.splitlines()
    code = ""
    for node in nodes:
        first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
        blank_lines = len(list(takewhile(lambda line: not line, reversed(lines[: first - 1]))))
        code += "\n" * (blank_lines + 1) + "\n".join(lines[first - 1 : node.end_lineno])
    return f"```python\n{code.strip()}\n```"


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(head), ["---" for _ in head], *(list(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "settings.md": settings,
    "event-fields.md": event_fields,
    "mapping-settings.md": mapping_settings,
    "indicators.md": indicators,
    "roles.md": roles,
    "signal-kinds.md": signal_kinds,
    "pages.md": pages,
    "ledger-verbs.md": ledger_verbs,
    **{f"manual-{package}.md": manual(package) for package in ("formats", "policy", "science", "warehouse")},
}


def reference() -> dict[str, str]:
    """Every page of the reference as it should be: file name -> text. Django must be set up."""
    with override("en"):
        return {name: f"{NOTICE}\n{write().strip()}\n" for name, write in PAGES.items()}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "throughline.config.settings")
    django.setup()
    for name, text in reference().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
