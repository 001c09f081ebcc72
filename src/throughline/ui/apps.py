"""Registers the app, and says which files of front-end packages are never served."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig

from throughline.ui import panels, sections


class UiConfig(AppConfig):
    name = "throughline.ui"
    label = "ui"
    default = True  # Django picks none by itself where a module holds several

    def ready(self) -> None:
        panels.discover()
        sections.discover()


class StaticFilesConfig(DjangoStaticFilesConfig):
    ignore_patterns = [
        *DjangoStaticFilesConfig.ignore_patterns, "*.scss", "theme", "scss",
        "material-icons", "material-icons-deprecated", "components", "ext", "*.cjs.js", "*.amd.js", "*.esm.js", "*.zip",
    ]  # fmt: skip
