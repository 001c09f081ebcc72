"""What browser tests and the benchmark of pages know of the demo that they speak to."""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
PASSWORD = "simulated-city"
_QUESTION = """
import json, logging, sys, django
logging.disable()  # refused pages are answers as well
django.setup()
sys.path.insert(0, "tests")
from browser.{module} import {function}
json.dump({function}(*json.load(sys.stdin)), sys.stdout)
"""


@dataclass(frozen=True)
class Demo:
    """The running demo: its address, its environment, and the e-mail address of one person for each role.

    The data analyst has a mapping proposed: its page is that person's alone.
    """

    address: str
    environment: dict[str, str]
    logins: dict[str, str]

    @cached_property
    def proposed_mapping(self) -> str:
        return self._ask("prepared", "prepare", self.logins["Data analyst"])

    @property
    def home(self) -> Path:
        return Path(self.environment["THROUGHLINE_HOME"])

    def pages(self) -> dict[str, list[str]]:
        """All pages by name, as they are now: `{"signal": ["/responses/signals/7/", ...]}`."""
        proposed = {"mapping_draft": [self.proposed_mapping]}
        return self._ask("addresses", "pages") | proposed

    def query_counts(self, addresses: list[str], role: str) -> dict[str, int]:
        return self._ask("query_counts", "query_counts", addresses, role)

    def _ask(self, module: str, function: str, *arguments: Any) -> Any:
        """The answer of a function that sees the city's database, in a process of its own."""
        question = _QUESTION.format(module=module, function=function)
        told = subprocess.run(
            [sys.executable, "-c", question],
            env=self.environment,
            input=json.dumps(arguments).encode(),
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            check=True,
        )
        return json.loads(told.stdout)
