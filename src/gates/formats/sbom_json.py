"""The packages of an SBOM: CycloneDX JSON 1.2 to 1.7, or Syft's own JSON.

Forms: https://cyclonedx.org/docs/ (`components`, each with a `purl`), and
github.com/anchore/syft, `syft/format/syftjson` (`artifacts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gates.formats import strict_json
from gates.formats.scanned import Listed, filled, items, optional_text
from gates.formats.strict_json import Value

_VERSIONS: Final = frozenset({"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"})
_PURL: Final = "pkg:"
_MODULE: Final = "javascript"


def read(data: bytes, *, what: str) -> frozenset[Listed]:
    """The packages of an SBOM; components without a purl, such as the project itself, are none.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no such SBOM.
    """
    document = strict_json.read(data, what=what)
    if document.find("artifacts") is not None:
        return frozenset(_of_syft(document))
    if filled(document, "bomFormat") != "CycloneDX":
        raise document.member("bomFormat").unreadable("is not `CycloneDX`")
    version = filled(document, "specVersion")
    if version not in _VERSIONS:
        raise document.member("specVersion").unreadable(f"is `{version[:20]}`, which is not known")
    return frozenset(_of_components(document))


def _of_syft(document: Value) -> Iterator[Listed]:
    document.member("descriptor", "name").text()
    for artifact in document.member("artifacts").items():
        kind = optional_text(artifact, "language") or filled(artifact, "type")
        yield Listed.of(
            "npm" if kind == _MODULE else kind,
            filled(artifact, "name"),
            filled(artifact, "version"),
        )


def _of_components(holder: Value) -> Iterator[Listed]:
    for component in items(holder, "components"):
        purl = optional_text(component, "purl")
        if purl:
            yield _of_purl(purl, component)
        yield from _of_components(component)


def _of_purl(purl: str, component: Value) -> Listed:
    """`pkg:npm/%40scope/name@1.0.0?arch=x#path`, by github.com/package-url/purl-spec."""
    from urllib.parse import unquote

    plain = purl.partition("#")[0].partition("?")[0]
    kind, _, rest = plain.removeprefix(_PURL).partition("/")
    name, _, version = rest.rpartition("@")
    if not plain.startswith(_PURL) or not kind or not name or not version:
        raise component.member("purl").unreadable(f"names no package and version: `{purl[:60]}`")
    return Listed.of(kind, unquote(name), unquote(version))
