"""Whether a test failed: what it shared with others must then be made anew, so that it does not pull them down."""

from __future__ import annotations

from collections.abc import Generator

import pytest

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on a test that it failed."""
    report = yield
    item.stash[FAILED] = has_failed(item) or report.failed
    return report


def has_failed(test: pytest.Item) -> bool:
    """Whether this test has failed so far, in its set-up or in itself."""
    return test.stash.get(FAILED, False)
