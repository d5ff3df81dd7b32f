"""`--regenerate` writes golden files anew."""

import pytest


@pytest.fixture
def regenerate(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are written instead of compared."""
    return bool(request.config.getoption("--regenerate"))
