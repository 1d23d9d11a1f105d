"""The OSV service over HTTP: `POST /v1/querybatch` and `GET /v1/vulns/{id}`.

Format: https://google.github.io/osv.dev/api/. Every answer is read strictly: one result for each
query, all pages, a record for each id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gates.advisories import osv
from gates.advisories.matching import Package
from gates.advisories.sources import Lookup, SourceFacts
from gates.advisories.transport import Http, Limits, NotThere, check_address, shown
from gates.advisories.versions import canonical
from gates.domain.errors import StageError
from gates.formats import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from gates.advisories.osv import Advisory
    from gates.advisories.transport import Fetch

DEFAULT_ADDRESS: Final = "https://api.osv.dev"
# Vulnerable by CVE-2019-10906 and others, so old that every source must know them.
CANARY: Final = Package("jinja2", "2.10")
_BATCH: Final = 500
_MAX_PAGES: Final = 100
_SIDE_BY_SIDE: Final = 8
_MAX_RECORDS: Final = 20_000
_MAX_BODY: Final = 64 * 1024 * 1024
_ID_CHARACTERS: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"
)


@dataclass(frozen=True, slots=True)
class Service:
    """A client of one OSV service.

    Attributes:
        address: base address, without `/v1`.
        fetch: how requests are sent.
        planted: a package that it must find.
        day: today (UTC); a record that is withdrawn later still stands.
    """

    address: str = DEFAULT_ADDRESS
    fetch: Fetch = field(default_factory=lambda: Http(Limits(max_bytes=_MAX_BODY)))
    planted: Package = CANARY
    day: date | None = None

    def __post_init__(self) -> None:
        check_address(self.address)

    @property
    def facts(self) -> SourceFacts:
        """The address; a service answers live, so it has no date."""
        return SourceFacts(shown(self.address))

    def canary(self) -> Package:
        """The planted package."""
        return self.planted

    def look_up(self, packages: tuple[Package, ...]) -> Lookup:
        """Ask for all packages in batches, then for each record and its aliases.

        Raises:
            StageError: no answer, or one that is not whole.
        """
        stated: list[tuple[Package, str]] = []
        for start in range(0, len(packages), _BATCH):
            stated += self._batch(packages[start : start + _BATCH])
        records = self._closure(dict.fromkeys(name for _, name in stated))
        missing = sorted({name for _, name in stated} - set(records))
        if missing:
            raise _contradiction(self.address, f"it names {missing[0]} and has no such record")
        return Lookup(_once(records), frozenset(stated))

    def named(self, names: tuple[str, ...]) -> tuple[Advisory, ...]:
        """Ask for records by id, and for their aliases; what it does not have is left out.

        Raises:
            StageError: no answer, or one that is not whole.
        """
        return _once(self._closure(dict.fromkeys(names)))

    def _batch(self, packages: tuple[Package, ...]) -> Iterator[tuple[Package, str]]:
        waiting = [(package, "") for package in packages]
        for _ in range(_MAX_PAGES):
            results = self._post(waiting)
            pages: list[tuple[Package, str]] = []
            for (package, _token), result in zip(waiting, results, strict=True):
                names, token = self._result(result)
                yield from ((package, name) for name in names)
                if token:
                    pages.append((package, token))
            if not pages:
                return
            waiting = pages
        raise _contradiction(self.address, f"it has more than {_MAX_PAGES} pages")

    def _post(self, waiting: list[tuple[Package, str]]) -> list[object]:
        import json

        body = json.dumps({"queries": [_query(*of) for of in waiting]}).encode()
        answer = self._json("/v1/querybatch", body)
        results = answer.get("results")
        if not isinstance(results, list):
            raise _contradiction(self.address, "its answer to a batch has no `results`")
        if len(results) != len(waiting):
            raise _contradiction(
                self.address, f"it gave {len(results)} results for {len(waiting)} packages"
            )
        return results

    def _result(self, result: object) -> tuple[list[str], str]:
        vulns = result.get("vulns") if isinstance(result, dict) else None
        token = result.get("next_page_token") if isinstance(result, dict) else None
        names = [of.get("id") for of in vulns or [] if isinstance(of, dict)]
        texts = [name for name in names if isinstance(name, str) and name]
        sound = isinstance(result, dict) and isinstance(vulns, list | None)
        if not sound or len(texts) != len(vulns or []) or not isinstance(token, str | None):
            raise _contradiction(self.address, "a result of a batch is not of the known form")
        return texts, token or ""

    def _closure(self, names: Iterable[str]) -> dict[str, Advisory]:
        """Fetch records and, until nothing new turns up, the aliases that they name."""
        done: dict[str, Advisory] = {}
        asked: set[str] = set()
        waiting = tuple(names)
        while waiting:
            asked.update(waiting)
            if len(asked) > _MAX_RECORDS:
                raise _contradiction(self.address, f"it names more than {_MAX_RECORDS} records")
            fetched = self._records(waiting)
            done.update(fetched)
            waiting = tuple(
                dict.fromkeys(
                    name
                    for record in fetched.values()
                    for name in record.aliases
                    if name not in asked
                )
            )
        return done

    def _records(self, names: tuple[str, ...]) -> dict[str, Advisory]:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as pool:
            records = list(pool.map(self._record, names))
        return {
            name: record for name, record in zip(names, records, strict=True) if record is not None
        }

    def _record(self, name: str) -> Advisory | None:
        if not name or not frozenset(name) <= _ID_CHARACTERS or name.startswith("."):
            raise _contradiction(self.address, f"it names a record `{name[:40]!r}`")
        try:
            document = self._json(f"/v1/vulns/{name}")
        except NotThere:
            return None
        record = osv.read(document, what=name, spelled=canonical, day=self.day)
        if name not in record.names:
            raise _contradiction(self.address, f"asked for {name} it gave {record.id}")
        return record

    def _json(self, path: str, body: bytes | None = None) -> dict[str, object]:
        address = self.address.rstrip("/") + path
        data = self.fetch(address, body)
        value = strict_json.loads(data, what=shown(address), max_bytes=_MAX_BODY)
        if not isinstance(value, dict):
            raise _contradiction(self.address, "its answer is not a JSON object")
        return value


def _once(records: dict[str, Advisory]) -> tuple[Advisory, ...]:
    return tuple({record.id: record for record in records.values()}.values())


def _query(package: Package, token: str) -> dict[str, object]:
    query: dict[str, object] = {"package": {"ecosystem": "PyPI", "name": package.name}}
    if _is_version(package.version):
        query["version"] = package.version
    # Without a version the service names every record of the package, and matching decides that
    # the version cannot be read.
    if token:
        query["page_token"] = token
    return query


def _is_version(text: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _contradiction(address: str, why: str) -> StageError:
    return StageError(
        "advisories-contradictory",
        f"`{shown(address)}` cannot be relied on: {why}",
        hint="check the address, or use a local database: `gates advisories update`",
        place=shown(address),
    )
