"""Code that is known to be insecure: what is planted so that a scanner proves that it sees.

A sample is one that bandit's test finds, and the rule of ruff with the same number, and on which no
setting of either has a say, besides those that switch the test off: an id, and bandit's list of the
functions that start a shell. Nothing ever runs it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gates.domain.errors import StageError
from gates.formats.tool_paths import some

SAMPLES: dict[str, str] = {
    "307": "eval(input())",
    "102": "exec(input())",
    "301": "import pickle; pickle.loads(data)",
    "302": "import marshal; marshal.loads(data)",
    "506": "import yaml; yaml.load(data)",
    "324": "import hashlib; hashlib.md5(data)",
    "306": "import tempfile; tempfile.mktemp()",
    "602": "import subprocess; subprocess.call(data, shell=True)",
    "605": "import os; os.system(data)",
    "323": "import ssl; ssl._create_unverified_context()",
    "501": "import requests; requests.get(data, verify=False, timeout=1)",
    "113": "import requests; requests.get(data)",
    "701": "import jinja2; jinja2.Environment(autoescape=False)",
    "702": "import mako.template; mako.template.Template(data)",
    "201": "import flask; app = flask.Flask(data); app.run(debug=True)",
    "505": "from cryptography.hazmat.primitives.asymmetric import rsa;"
    " rsa.generate_private_key(key_size=512)",
    "312": "import telnetlib; telnetlib.Telnet(data)",
    "321": "import ftplib; ftplib.FTP(data)",
    "311": "import random; random.random()",
    "310": "import urllib.request; urllib.request.urlopen(data)",
    "612": "import logging.config; logging.config.listen(9999)",
    "314": "import xml.etree.ElementTree; xml.etree.ElementTree.parse(data)",
    "318": "import xml.dom.minidom; xml.dom.minidom.parse(data)",
    "608": "query = 'select name from users where name = ' + data",
    "104": "listen = '0.0.0.0'",
    "401": "import telnetlib",
    "402": "import ftplib",
    "403": "import pickle",
    "404": "import subprocess",
    "101": "assert data",
}
"""By the number of the test or rule: one line that it finds; what is planted first stands first."""

FIRST_LINE = "data = input()"


def text(numbers: Iterable[str]) -> bytes:
    """A file that holds these samples, one on a line, from line 2 on."""
    lines = (FIRST_LINE, *(SAMPLES[number] for number in numbers))
    return "".join(f"{line}\n" for line in lines).encode()


def seen(numbers: Iterable[str], found: Collection[tuple[str, int]]) -> tuple[str, ...]:
    """Which samples of such a file were found, each by its own test and on its own line.

    Args:
        numbers: those that it holds.
        found: number of a test and line, of each finding in it.
    """
    return tuple(number for line, number in enumerate(numbers, 2) if (number, line) in found)


def told(ids: Iterable[str]) -> str:
    """How a result tells of its canary: `exec(input())` as B102."""
    first = next(iter(ids))
    return f"planted `{SAMPLES[first[1:]]}`, and {first} found it"


def unseen(ids: Collection[str], prefix: str, *, by: str) -> tuple[str, ...]:
    """Tell which samples were not found, though others were: their tests are off.

    Args:
        ids: the tests that found theirs, and those that were told to be off already.
        prefix: what stands before the number in an id.
        by: the scanner.
    """
    off = [number for number in SAMPLES if f"{prefix}{number}" not in ids]
    if not off:
        return ()
    named = listed(off, prefix)
    return (f"planted and not found, so {by} does not look for it here: {named}",)


def listed(numbers: Iterable[str], prefix: str) -> str:
    """The ids of tests, for people: the first few and how many more."""
    return some([f"{prefix}{number}" for number in numbers], limit=5)


def blind(reason: str, *, hint: str, place: str) -> StageError:
    """The error that a scanner did not find what was planted for it to find.

    Args:
        reason: what is known of why.
        hint: the next step.
        place: the scanner, or the configuration that blinds it.
    """
    return StageError("scanner-blind", f"the scanner is blind: {reason}", hint=hint, place=place)
