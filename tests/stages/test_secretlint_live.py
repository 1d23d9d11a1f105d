"""The stage `secretlint` with the real tool."""

from __future__ import annotations

import pytest
from repositories import Repo
from stages.fake_context import metrics_of
from stages.node_project import NodeContext, node_context

from gates.formats import secretlint_canary
from gates.formats.secretlint_result import IGNORE
from gates.plugin import StageError, StageResult
from gates.stages.secretlint import Secretlint, SecretlintOptions

pytestmark = pytest.mark.live

PRESET = '{"rules": [{"id": "@secretlint/secretlint-rule-preset-recommend"}]}'
SLACK = secretlint_canary.secrets()["SLACK_TOKEN"]
NPM = secretlint_canary.secrets()["NPM_ACCESS_TOKEN"]


def run(ctx: NodeContext) -> StageResult:
    return Secretlint(SecretlintOptions()).run(ctx)


def test_live_secrets_wherever_they_are_hidden(repo: Repo) -> None:
    """In a text that is called a picture, in its own configuration, in an ignored file."""
    config = f'{{"rules": [{PRESET[11:-2]}], "x": "{NPM}"}}'
    files = {
        "src/a.ts": f'export const a = 1; // ü\nexport const b = "{SLACK}";\n',
        "b.png": f"token: {SLACK}\n",
        "[c] d.txt": "// secretlint-disable\n",
        "kept.txt": f"{SLACK}\n",
        IGNORE: "kept.txt\n",
        ".secretlintrc.json": config,
    }
    repo.write("e.dat", b"\x00\xff\x01")
    ctx = node_context(repo, files)

    result = run(ctx)

    assert metrics_of(result) == {"secrets": 3, "suppressed": 2}
    assert [each.place for each in result.findings] == [
        ".secretlintrc.json:1:75",
        "b.png:1:8",
        "src/a.ts:2:19",
    ]
    assert (result.examined.count, result.examined.excluded) == (6, 2)
    assert result.canary == "6 of 6 made-up secrets in a planted file"
    kept = b"".join(path.read_bytes() for path in ctx.out.iterdir()).decode()
    assert not [word for word in (SLACK, NPM) if word in kept or word in repr(result)]


@pytest.mark.parametrize(
    "rule", ['{"id": "@secretlint/secretlint-rule-preset-recommend", "disabled": true}', ""]
)
def test_live_without_a_rule_it_is_blind(repo: Repo, rule: str) -> None:
    ctx = node_context(repo, {"a.txt": "a\n", ".secretlintrc.json": f'{{"rules": [{rule}]}}'})

    with pytest.raises(StageError, match="secretlint is blind"):
        run(ctx)
