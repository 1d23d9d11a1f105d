"""How long programs take to start, and why: shims, wrappers, slow interpreters, no byte-code."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.stage_result import Tool
from gates.domain.survey import SLOW_S, SeenTool
from gates.toolkit.door import one_line
from gates.toolkit.programs import is_program, run_program

SLOW_INTERPRETER_S = 0.06
_TIMEOUT_S = 20.0
_HEAD_BYTES = 4096
_SHIM_FOLDERS = ("/.pyenv/shims/", "/.asdf/shims/", "/mise/shims/", "/.rye/shims/")
_SHIM = re.compile(rb"\b(pyenv|asdf|mise|rtx) exec\b")
_WRAPPER = re.compile(rb"\b((?:uv|poetry|pipenv|pdm|hatch|conda|pipx|docker) run)\b")
_VERSION = re.compile(r"\d+(?:\.\d+)+\S*")


@dataclass(slots=True)
class Starts:
    """Starts programs, each once or twice, with `--version`.

    Attributes:
        environ: the whole environment of a child.
    """

    environ: Mapping[str, str]
    _interpreters: dict[Path, float | None] = field(init=False, default_factory=dict)

    def look(self, tool: Tool) -> SeenTool:
        """Time a program that does nothing else with `--version`, and tell why it is slow.

        The faster of two starts counts, where the first was slow: it may have read the disk.
        """
        seen = SeenTool(name=tool.name, version=tool.version, path=tool.path, how=tool.how)
        try:
            seconds, said, code = self._start(tool.path)
            if seconds > SLOW_S:
                seconds = min(seconds, self._start(tool.path)[0])
        except StageError as error:
            return replace(seen, slow=f"it does not start: {one_line(error.problem.summary)}")
        if code != 0:
            return replace(seen, slow=f"`--version` ended with exit code {code}")
        found = _VERSION.search(said)
        version = tool.version or (found[0].strip(",()") if found else "")
        slow, hint = self._reason(tool, seconds)
        return replace(seen, version=version, seconds=seconds, slow=slow, hint=hint)

    def _start(self, *argv: str) -> tuple[float, str, int]:
        began = time.perf_counter()
        words = argv if len(argv) > 1 else (*argv, "--version")
        output = run_program(words, env=self.environ, timeout_s=_TIMEOUT_S, limit_bytes=1 << 20)
        seconds = time.perf_counter() - began
        return seconds, one_line(output.stdout or output.stderr), output.exit_code

    def _reason(self, tool: Tool, seconds: float) -> tuple[str, str]:
        """Why a start costs time, and what helps; a shim or a wrapper is told however fast."""
        head = _head(tool.path)
        shim = _SHIM.search(head)
        if shim or any(folder in tool.path for folder in _SHIM_FOLDERS):
            return "a shim, which looks for the program at each start", (
                f"install {tool.name} in the project's environment, so that it is found there"
            )
        wrapper = _WRAPPER.search(head) if head.startswith(b"#!") else None
        if wrapper:
            name = wrapper[1].decode()
            return f"a script around `{name}`, which starts another program first", (
                f"let `gates` find the program itself: start it as `{name} gates check`"
            )
        if seconds <= SLOW_S:
            return "", ""
        return self._slow_python(tool, head)

    def _slow_python(self, tool: Tool, head: bytes) -> tuple[str, str]:
        if not head.startswith(b"#!") or b"python" not in head:
            return "", ""
        folder = Path(tool.path).parent
        home = folder.parent
        if _has_no_bytecode(home, tool.name):
            shown = f"{folder}/python -m compileall -q {home}/lib"
            return "its package has no byte-code, so each start compiles it", shown
        alone = self._interpreter_s(folder)
        if alone is not None and alone > SLOW_INTERPRETER_S:
            startup = _startup_files(home)
            beside = f"; it runs {', '.join(startup)} first" if startup else ""
            reason = f"its interpreter alone takes {alone * 1000:.0f} ms to start{beside}"
            return reason, f"{folder}/python -X importtime -c pass"
        return "", ""

    def _interpreter_s(self, folder: Path) -> float | None:
        """Seconds that an environment's interpreter takes to do nothing; None where it cannot."""
        if folder not in self._interpreters:
            python = str(folder / "python")
            self._interpreters[folder] = None
            if is_program(python):
                try:
                    times = [self._start(python, "-c", "pass")[0] for _ in range(2)]
                    self._interpreters[folder] = min(times)
                except StageError:
                    pass  # the interpreter is told where it is looked at itself
        return self._interpreters[folder]


def _head(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError:
        return b""


def _has_no_bytecode(home: Path, name: str) -> bool:
    """Whether the package of a program is there as sources alone."""
    package = name.replace("-", "_")
    folders = [path for path in home.glob(f"lib/python3*/site-packages/{package}") if path.is_dir()]
    return bool(folders) and not any((folder / "__pycache__").is_dir() for folder in folders)


def _startup_files(home: Path) -> list[str]:
    """Names of `.pth` files that run code whenever the interpreter starts."""
    found = []
    for path in sorted(home.glob("lib/python3*/site-packages/*.pth")):
        lines = _head(str(path)).splitlines()
        if any(line.startswith((b"import ", b"import\t")) for line in lines):
            found.append(path.name)
    return found
