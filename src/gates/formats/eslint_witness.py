"""A formatter for ESLint of our own, which tells beside the results what they rest on.

ESLint's JSON shows no difference between a clean file and one for which no rule is enabled. The
formatter runs inside of ESLint, where it asks the public class `ESLint` for each file's
configuration, and lints a text full of defects in the name of a source: one for each kind of
configuration, so that rules with their options, plugins, parser, processor and settings are those
that the source has. Two of them are of one kind where these are the same objects, or plain values
that are equal.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import eslint_json, strict_json
from gates.formats.eslint_json import EslintReport
from gates.formats.strict_json import Value
from gates.formats.tool_paths import Tree

NAME = "eslint-witness.cjs"
"""A name with which Node takes the formatter for CommonJS, whatever the project says."""

OLDER = """\
debugger
var first = 1, second = "two"
var near = 'near'
var third = { a: 1 };;
function same(one, two) { return one; two = 1 }
function twice(one) { if (one) { return true } else { return 1 } }
if (first == null) {}
if (first === first) { alert(first) }
if (first = second) undefinedName(third["a"])
switch (first) { case 1: second = 1; case 1: break }
for (var key in third) { console.log(eval("key")) }
try { third.toString() } catch (error) {}
if (typeof first === "strnig" || first === NaN) { second = !first in third }
  var odd = new Object(),\tlist = new Array(1, 2)
"""
CANARY = f"""\
{OLDER}\
var fourth = {{ a: 1, a: 2 }}
let never = 1;;
while (false) {{ never = never }}
var [hole] = [, 1]
async function late() {{ return await Promise.resolve(1) }}
late()
throw "text"
"""
"""The text: a program in every dialect, with a defect for each of the most common rules; `OLDER` is
the part of it that ECMAScript 5 knows, for sources that are written in such."""

_FORMATTER = """\
"use strict";
// Written by gates for one run: the results of ESLint, and the configurations behind them.
const path = require("node:path");
const {{ createRequire }} = require("node:module");
const SOURCES = new Set({sources});
const TEXTS = {texts};
const CONFIG = {config};

module.exports = async (results, {{ cwd }}) => {{
  const api = createRequire(require.main.filename)("eslint");
  const Linter = api.loadESLint ? await api.loadESLint() : api.ESLint;
  const eslint = new Linter({{ cwd, ...(CONFIG && {{ overrideConfigFile: CONFIG }}) }});
  const isOff = (setting) => [0, "off"].includes(Array.isArray(setting) ? setting[0] : setting);
  const numbers = new Map();
  const number = (value) => {{
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return "#" + numbers.get(value);
  }};
  const isPlain = (value) => Array.isArray(value)
    || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  // What is code or has a form of its own is told apart by which object it is.
  const shape = (value, above) => {{
    if (["function", "symbol"].includes(typeof value)) return number(value);
    if (value === null || typeof value !== "object") return typeof value + String(value);
    if (above.includes(value) || !isPlain(value)) return number(value);
    const way = [...above, value];
    const keys = Object.keys(value).sort();
    return [Array.isArray(value), keys.map((key) => [key, shape(value[key], way)])];
  }};
  const shapes = new Map();
  const shapeOf = (config, rules) => {{
    if (!shapes.has(config)) {{
      const {{ parser, ...options }} = config.languageOptions ?? {{ parser: config.parser }};
      const plugins = Object.entries(config.plugins ?? {{}}).map((each) => each.map(number));
      const code = [parser, config.processor, config.language].map(number);
      const plain = [options, config.parserOptions, config.env, config.globals, config.settings];
      shapes.set(config, JSON.stringify([code, plugins.sort(), shape([...plain, rules], [])]));
    }}
    return shapes.get(config);
  }};
  const kinds = new Set();
  const configurations = [];
  const canaries = [];
  for (const {{ filePath }} of results) {{
    const config = (await eslint.calculateConfigForFile(filePath)) ?? {{}};
    const rules = Object.entries(config.rules ?? {{}});
    const on = rules.filter(([, setting]) => !isOff(setting));
    const enabled = on.map(([name]) => name);
    const file = eslint.findConfigFile ? await eslint.findConfigFile(filePath) : undefined;
    configurations.push({{ path: filePath, rules: enabled.length, file: file ?? "" }});
    const shaped = shapeOf(config, Object.fromEntries(on));
    const kind = JSON.stringify([file, path.extname(filePath), shaped]);
    if (!SOURCES.has(path.relative(cwd, filePath)) || kinds.has(kind)) continue;
    kinds.add(kind);
    let messages = [];
    let fatal = "";
    for (const text of TEXTS) {{
      const linted = await eslint.lintText(text, {{ filePath }});
      messages = linted.flatMap((each) => each.messages);
      fatal = messages.find((each) => each.fatal)?.message ?? "";
      if (!fatal) break;
    }}
    const found = messages.map((each) => each.ruleId).filter((name) => enabled.includes(name));
    canaries.push({{ path: filePath, found: [...new Set(found)].sort(), fatal }});
  }}
  const plain = results.map(({{ source, output, ...rest }}) => rest);
  return JSON.stringify({{ results: plain, configurations, canaries }});
}};
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What one file is linted by.

    Attributes:
        rules: how many rules are enabled.
        file: the configuration file, absolute; empty where ESLint does not tell it.
    """

    rules: int
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What was found in the planted text in the name of one source.

    Attributes:
        path: the source, as ESLint writes it.
        found: the rules that found something.
        fatal: why the text could not be parsed, or empty.
    """

    path: str
    found: tuple[str, ...]
    fatal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What the formatter wrote.

    Attributes:
        report: the results.
        configurations: by path, as ESLint writes it.
        canaries: one for each kind of configuration that sources have.
    """

    report: EslintReport
    configurations: dict[str, Configuration]
    canaries: tuple[Canary, ...]


def formatter(sources: Collection[str], config: str = "") -> bytes:
    """The formatter, to be written to a file called `NAME`.

    Args:
        sources: the project's sources, relative to the folder in which ESLint runs.
        config: the configuration that `--config` names, or empty.
    """
    import json

    told = {"sources": sorted(sources), "texts": [CANARY, OLDER], "config": config}
    return _FORMATTER.format(**{name: json.dumps(each) for name, each in told.items()}).encode()


def parse(data: bytes, *, what: str) -> Witness:
    """Read what the formatter wrote.

    Raises:
        OutputUnreadable: it is not from the formatter, or does not tell of each file.
    """
    document = strict_json.read(data, what=what)
    report = EslintReport(files=eslint_json.linted(document.member("results")))
    entries = document.member("configurations").items()
    configurations = {entry.member("path").text(): _configuration(entry) for entry in entries}
    paths = {one.path for one in report.files}
    if configurations.keys() != paths:
        odd = min(configurations.keys() ^ paths)
        summary = f"eslint tells the result or the configuration of `{odd}`, and not both"
        raise OutputUnreadable("contradiction", summary, place=what)
    canaries = tuple(_canary(entry) for entry in document.member("canaries").items())
    return Witness(report=report, configurations=configurations, canaries=canaries)


def words(log: bytes) -> str:
    """Why ESLint gave up: the first lines of its standard error that say something, as one."""
    lines = [line.strip() for line in log.decode("utf-8", "replace").split("\n")]
    start = next((at for at, line in enumerate(lines) if line.startswith("ESLint: ")), -1)
    said = [line for line in lines[start + 1 :] if line]
    return " ".join(said[:2])[:300] or "nothing"


def _configuration(entry: Value) -> Configuration:
    return Configuration(rules=entry.member("rules").count(), file=entry.member("file").text())


def _canary(entry: Value) -> Canary:
    return Canary(
        path=entry.member("path").text(),
        found=tuple(each.text() for each in entry.member("found").items()),
        fatal=entry.member("fatal").text(),
    )


def proved(witness: Witness, tree: Tree, examined: frozenset[str]) -> int:
    """How many rules found the planted text to be faulty, where they are fewest.

    Raises:
        OutputUnreadable: no text was planted, or in the name of a file that was not linted.
        StageError: no source was linted, or the planted text was not read or not found faulty.
    """
    if not examined & tree.sources and not witness.canaries:
        raise nothing("eslint linted none of the sources")
    if not witness.canaries:
        raise OutputUnreadable("eslint-unproved", "eslint linted no planted text", place="eslint")
    for one in witness.canaries:
        path = tree.relative(one.path)
        if path not in examined:
            summary = f"eslint linted a planted text as `{path}`, and not that file"
            raise OutputUnreadable("contradiction", summary, place=path)
        if one.fatal:
            summary = f"a planted text in the name of `{path}` could not be parsed: {one.fatal}"
            raise StageError("canary-unread", summary, hint="see its parser", place=path)
        if not one.found:
            raise no_rule(
                "eslint enables no rule by which a text full of defects is faulty in the name of"
                f" `{path}`",
                place=path,
            )
    return min(len(one.found) for one in witness.canaries)


def nothing(summary: str) -> StageError:
    """The error of a run that linted nothing."""
    hint = "see `files` and `ignores` in ESLint's configuration; TypeScript needs an entry in it"
    return StageError("nothing-examined", summary, hint=hint)


def no_rule(summary: str, *, place: str) -> StageError:
    """The error of a run in which no rule looks."""
    hint = "see `rules` in ESLint's configuration, its processors, or `eslint --print-config FILE`"
    return StageError("no-rule", summary, hint=hint, place=place)
