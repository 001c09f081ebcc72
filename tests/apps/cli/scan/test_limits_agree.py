"""What is written twice so that reading stays light."""

from throughline.cli.scan import counts
from throughline.science.scan import models


def test_files_are_refused_for_as_many_cases_as_science_refuses():
    assert counts.MOST_CASES == models.MOST_CASES
