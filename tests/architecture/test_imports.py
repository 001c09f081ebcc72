"""Who may import whom, and what nobody may import."""

from collections.abc import Iterator

from django.apps import apps
from importlinter.cli import lint_imports

PURE = ("science/", "policy/", "formats/", "definitions/", "indicators/", "warehouse/", "city/")
NETWORK = (
    "requests",
    "httpx",
    "aiohttp",
    "urllib.request",
    "urllib3",
    "http.client",
    "socket",
    "ftplib",
    "smtplib",
)


def test_the_list_of_layers_and_all_further_contracts_hold(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    assert lint_imports(no_logo=True, no_cache=True) == 0, capsys.readouterr().out


def test_a_folder_that_is_not_in_the_list_breaks_the_build(contracts):
    layers = [name for name in contracts if contracts[name].get("type") == "layers"]
    assert layers
    assert all(contracts[name].getboolean("exhaustive") for name in layers)


def test_every_group_of_several_apps_has_an_order(contracts):
    ordered = {
        contracts[name]["containers"].strip() for name in contracts if contracts[name].get("containers")
    }
    groups = [
        app.name.rpartition(".")[0] for app in apps.get_app_configs() if app.name.startswith("throughline.")
    ]
    assert {group for group in groups if groups.count(group) > 1} <= ordered


def test_foreign_keys_point_down_the_list(contracts):
    ranks = dict(_ranks(contracts))
    models = [model for model in apps.get_models() if model.__module__.startswith("throughline.")]
    upward = [
        f"{model.__name__}.{field.name} points up to {field.related_model.__name__}"
        for model in models
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.related_model in models and _rank(field.related_model, ranks) < _rank(model, ranks)
    ]
    assert len(models) > 10
    assert upward == []


def _ranks(contracts) -> Iterator[tuple[str, int]]:
    """The depth of each layer below the top of its own list: `throughline.evidence` -> 4."""
    for contract in contracts.values():
        for rank, line in enumerate(contract.get("layers", "").split("\n")):
            for layer in filter(None, line.replace(" ", "").split("|")):
                yield f"{contract['containers'].strip()}.{layer}", rank


def _rank(model, ranks: dict[str, int]) -> tuple[int, int]:
    package, group, app = model.__module__.split(".")[:3]
    return ranks[f"{package}.{group}"], ranks.get(f"{package}.{group}.{app}", 0)


def test_pure_packages_reach_no_network(sources):
    pure = [source for source in sources if source.name.startswith(PURE)]
    assert len(pure) > 50
    assert {source.name for source in pure if source.imports.intersection({*NETWORK, "time"})} == set()


def test_nothing_calls_other_machines_over_http(sources):
    """What has to be told to another system is told by a job, so that no page and no transaction waits for it."""
    assert {source.name: found for source in sources if (found := source.imports.intersection(NETWORK))} == {}


def test_nothing_happens_behind_an_actions_back(sources):
    """No receivers of Django's signals: what an action does can be read in the action."""
    dispatching = {
        "django.dispatch",
        "django.db.models.signals",
        "django.contrib.auth.signals",
        "allauth.account.signals",
    }
    assert {source.name for source in sources if source.imports & dispatching} == set()


def test_no_module_is_named_after_nothing(sources):
    empty_names = {"core", "utils", "util", "common", "helpers", "services", "managers", "misc", "base"}
    assert [
        source.name for source in sources if empty_names & {source.path.stem, *source.name.split("/")}
    ] == []
