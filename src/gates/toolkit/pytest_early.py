"""Begins to measure before pytest is imported: what is tested may be a package of pytest's own.

Copied as `sitecustomize.py` into the private folder of a run that measures, which stands on the
import path; so Python imports it before any program. The project's own `sitecustomize` follows.

Needs Python 3.9, and nothing of `gates`.
"""

from __future__ import annotations

import importlib
import json
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path

NAME = "sitecustomize"


def begin(home: Path) -> None:
    """Start the measuring that the settings in `home` ask for, and leave it for the plugin."""
    (settings,) = home.glob("gates_proof_*.json")
    asked = json.loads(settings.read_text(encoding="utf-8"))
    module = importlib.import_module(asked["measuring"])
    measuring = module.Measuring(Path(asked["folder"]) / "data", asked["sources"])
    measuring.start()
    vars(module)["begun"] = measuring


def hand_on(home: Path) -> None:
    """Import the `sitecustomize` that this one stands in front of, if there is one."""
    spec = PathFinder.find_spec(NAME, [entry for entry in sys.path if entry != str(home)])
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)


if __name__ == NAME:
    _home = Path(__file__).parent
    begin(_home)
    hand_on(_home)
