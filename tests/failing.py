"""Whether a test failed: what it shared with others must then be made anew, so that it does not pull them down."""

from __future__ import annotations

from collections.abc import Generator

import pytest

FAILED = pytest.StashKey[bool]()
SECOND_TRIES = 3  # in a run; more are no accident of a slow machine


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note on a test that it failed in this try."""
    report = yield
    before = call.when != "setup" and has_failed(item)
    item.stash[FAILED] = before or report.failed
    return report


def has_failed(test: pytest.Item) -> bool:
    """Whether this test has failed so far, in its set-up or in itself."""
    return test.stash.get(FAILED, False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell why tests needed a second try (`--reruns`): each is a fault of the product or of the test."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"second try of {report.nodeid}", sep="-", yellow=True)
        terminalreporter.line(report.longreprtext)
        for title, text in report.sections:
            terminalreporter.line(f"{title}:\n{text}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which many tests needed a second try."""
    reporter: pytest.TerminalReporter | None = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and len(reporter.stats.get("rerun", [])) > SECOND_TRIES:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
