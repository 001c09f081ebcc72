"""What the code promises about itself: grants, clocks, actions, ledger verbs, docstrings."""

import ast
import re
from collections.abc import Iterator

NAMES_OF_DECIDING = {"decide", "ask_grant", "grant_or_refuse"}

# Besides views, tasks, commands and the schedule, only these read the clock.
CLOCK_READERS = {
    "members/access.py",  # what a seat allows depends on today; asked once per request, before any view runs
    "evidence/feeds/doors/api/access.py",  # when a token was last used; noted before any view runs
}
# Django fills these columns in: no caller may choose what they say.
STAMPED_BY_THE_DATABASE = {"evidence/feeds/models.py"}  # when a delivery was truly written down

ACTIONS_OF_NOBODY = {
    "receive_next",  # acts for whoever handed the file over
    "reread_next",  # acts for whoever withdrew what the file had repeated
    "rebuild_index",  # shows again what was published by somebody
}
# Entries that are not called like the action that leaves them.
OTHER_VERBS = {
    "read_feed",  # what a grant was asked for
    "refuse_read",  # ... and refused
    "read_own_quarantine",  # read_quarantine by the provider's own people, who need no agreement
    "refuse_counts",  # receive_counts, where the document is not what it should be
    "refuse_file",  # receive_next, where the file can't be read
    "try_file_again",  # try_again, said without its module
}


def test_only_the_sharing_rules_make_a_grant(sources):
    makers = {source.name for source in sources for name in _called(source.tree) if name == "Grant"}
    assert makers == {"policy/sharing/decisions.py"}


def test_only_evidence_asks_whether_something_may_be_read(sources):
    askers = {
        source.name
        for source in sources
        if NAMES_OF_DECIDING & {name.rpartition(".")[2] for name in source.imports}
    }
    assert askers
    assert all(name.startswith(("evidence/", "policy/sharing/")) for name in askers), askers


def test_the_clock_is_an_argument(sources):
    """Only views, tasks, commands and the schedule read it, so everything else can be replayed at any instant."""
    elsewhere = {
        source.name: readings
        for source in sources
        if not (source.name.startswith(("cli/", "config/")) or source.path.stem in {"views", "tasks"})
        and source.name not in CLOCK_READERS
        and (readings := list(_clock_readings(source.tree)))
    }
    assert elsewhere == {}


def _clock_readings(tree: ast.Module) -> Iterator[str]:
    given = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (node.args or node.keywords)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        text = ast.unparse(node)
        always = re.fullmatch(
            r"(timezone\.now|(\w+\.)?(datetime|date)\.(now|today|utcnow)|time\.(time|time_ns))", text
        )
        if always or (re.fullmatch(r"timezone\.local(date|time)", text) and id(node) not in given):
            yield f"{text} in line {node.lineno}"


def test_only_one_column_is_stamped_by_itself(sources):
    stamped = {
        source.name
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}
    }
    assert stamped == STAMPED_BY_THE_DATABASE


def test_actions_say_who_acts_and_when_by_keyword(sources):
    """`verb(subject, *, ..., by=, at=)`: at most the subject is positional."""
    actions = list(_actions(sources))
    assert len(actions) > 25
    for action in actions:
        keywords = {argument.arg for argument in action.args.kwonlyargs}
        assert len(action.args.posonlyargs + action.args.args) <= 1, action.name
        assert action.name in ACTIONS_OF_NOBODY or "by" in keywords, action.name
        assert action.name == "rebuild_index" or "at" in keywords, action.name


def test_every_action_is_recorded(sources):
    """Each one writes to the ledger, or calls something that does."""
    called = {
        _key(source, function.name): {_key(source, name) for name in _called(function)}
        for source in sources
        for function in source.functions
    }
    recording = {"record", "record_read"}
    while more := {name for name, names in called.items() if names & recording} - recording:
        recording |= more
    assert {action.name for action in _actions(sources)} - {"rebuild_index"} <= recording


def _key(source, name: str) -> str:
    """Private names are known in their own module only."""
    return f"{source.name}:{name}" if name.startswith("_") else name


def test_the_ledger_speaks_in_the_imperative(sources):
    """An entry is called like the action that left it: `receive_delivery`, never `received_delivery`."""
    functions = {function.name for source in sources for function in source.functions}
    verbs = {verb for source in sources for verb in ledger_verbs(source.tree)}
    assert len(verbs) > 25
    for verb in verbs:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", verb), verb
        assert not verb.partition("_")[0].endswith("ed"), verb
        assert verb in functions | OTHER_VERBS, f"{verb} is neither an action nor among OTHER_VERBS"


def test_every_module_says_in_one_line_what_it_is_for(sources):
    silent = [
        source.name
        for source in sources
        if not re.match(r"\S.*[.?!:]$", (ast.get_docstring(source.tree) or "").partition("\n")[0])
    ]
    assert silent == []


def ledger_verbs(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("record" | "record_read"), args=[ast.Constant(str(verb)), *_]):
                yield verb


def _actions(sources) -> Iterator[ast.FunctionDef]:
    """Every public function of an `actions.py`; the ledger's own are what actions record with."""
    for source in sources:
        if source.path.stem == "actions" and not source.name.startswith("ledger/"):
            yield from (
                node
                for node in source.tree.body
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            )


def _called(tree: ast.AST) -> Iterator[str]:
    """The last names of all that is called or handed on: `actions.publish(...)` -> publish."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2]
