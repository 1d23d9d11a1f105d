"""A place to build small projects in."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import Repo
from survey.scenes import Ground, ground


@pytest.fixture
def place(repo: Repo, tmp_path: Path) -> Ground:
    return ground(repo, tmp_path / "home")
