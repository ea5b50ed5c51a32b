"""What all tests share: settled randomness, no stray environment, the repository's places."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent

# A property that takes long on a loaded machine has not failed, and a run must find what the run before it found.
settings.register_profile("audit", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("audit")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read the repository's lexicons, whatever the person who runs them has set."""
    for name in ("AUDIT_HOME", "AUDIT_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def samples() -> Path:
    """The written sample exports."""
    return REPOSITORY / "sample_transcripts"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; the test is skipped, with the reason, where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine (apt install chromium)")
