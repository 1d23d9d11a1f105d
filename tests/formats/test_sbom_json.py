"""SBOMs made to the specifications of CycloneDX and Syft."""

from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.formats.sbom_json import read
from gates.formats.scanned import Listed


def cyclonedx(*components: object, version: str = "1.6") -> bytes:
    document = {"bomFormat": "CycloneDX", "specVersion": version, "components": components}
    return json.dumps(document).encode()


WHOLE = cyclonedx(
    {"purl": "pkg:npm/%40scope/name@1.0.0?arch=x#a/b", "components": [{"purl": "pkg:npm/b@2"}]},
    {"purl": "pkg:pypi/Jinja2@2.10"},
    {"name": "the project itself"},
)


def test_components_at_any_depth() -> None:
    assert read(WHOLE, what="s") == {
        Listed("npm", "@scope/name", "1.0.0"),
        Listed("npm", "b", "2"),
        Listed("pypi", "jinja2", "2.10"),
    }


def test_syft_lists_artifacts() -> None:
    artifacts = [
        {"name": "a", "version": "1", "type": "npm", "language": "javascript"},
        {"name": "Foo", "version": "2", "type": "python", "language": ""},
    ]
    data = json.dumps({"artifacts": artifacts, "descriptor": {"name": "syft"}}).encode()
    assert read(data, what="s") == {Listed("npm", "a", "1"), Listed("pypi", "foo", "2")}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"{}", "bomFormat"),
        (b'{"bomFormat": "SPDX"}', "is not `CycloneDX`"),
        (cyclonedx(version="9"), "`9`, which is not known"),
        (cyclonedx({"purl": "pkg:npm/a"}), "names no package and version"),
        (cyclonedx({"purl": "npm/a@1"}), "names no package and version"),
        (b'{"artifacts": []}', "descriptor"),
        (b'{"bomFormat": "CycloneDX", "bomFormat": "x"}', "twice"),
    ],
)
def test_what_is_no_sbom_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(OutputUnreadable, match=why):
        read(data, what="s")


def test_every_cut_is_refused() -> None:
    refuses_every_cut(lambda data: read(data, what="s"), WHOLE)
