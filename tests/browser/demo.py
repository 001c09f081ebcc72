"""What browser tests and the benchmark of pages know of the demo that they speak to."""

import json
import subprocess
import sys
from dataclasses import dataclass
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
    """The running demo: its address, its environment, and the e-mail address of one person for each role."""

    address: str
    environment: dict[str, str]
    logins: dict[str, str]

    @property
    def home(self) -> Path:
        return Path(self.environment["THROUGHLINE_HOME"])

    def pages(self) -> dict[str, list[str]]:
        """All pages by name, as they are now: `{"signal": ["/responses/signals/7/", ...]}`."""
        return self._ask("addresses", "pages")

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
