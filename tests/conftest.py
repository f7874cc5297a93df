"""What all tests share: laws are drawn without a deadline, for no test asserts how fast this machine is."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")

HERE = Path(__file__).parent
REAL_TIME = ("browser", "e2e")
"""Folders of tests with real clocks, which share one process and so, on two cores, have one to themselves."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal tests out to processes by files, whose fixtures are then made once."""
    for item in items:
        file = item.path.relative_to(HERE)
        item.add_marker(pytest.mark.xdist_group("real time" if file.parts[0] in REAL_TIME else file.as_posix()))
