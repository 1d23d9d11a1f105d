"""Records as the database keeps them: short, and read back without being checked again.

A record passes `osv.read` once, when the database is built, and its text carries a checksum; so
reading it back only has to be fast, which a few thousand records of an old environment ask for.
"""

from __future__ import annotations

from datetime import datetime

from gates.advisories.osv import Advisory, Affected, Bound, Rating


def pack(advisory: Advisory) -> str:
    """Write a record as one line of JSON."""
    import json

    published = advisory.published
    fields = [
        advisory.id,
        advisory.aliases,
        advisory.modified.isoformat(),
        None if published is None else published.isoformat(),
        advisory.withdrawn,
        advisory.summary,
        [
            [
                entry.ecosystem,
                entry.name,
                entry.versions,
                [[(bound.kind, bound.version) for bound in events] for events in entry.ranges],
            ]
            for entry in advisory.affected
        ],
        [(rating.kind, rating.text) for rating in advisory.ratings],
    ]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> Advisory:
    """Read what `pack` wrote.

    Raises:
        ValueError, TypeError: it is something else.
    """
    import json

    (name, aliases, modified, published, withdrawn, summary, affected, ratings) = json.loads(text)
    return Advisory(
        name,
        tuple(aliases),
        datetime.fromisoformat(modified),
        None if published is None else datetime.fromisoformat(published),
        withdrawn,
        summary,
        tuple(
            Affected(
                ecosystem,
                package,
                tuple(versions),
                tuple(tuple(Bound(*bound) for bound in events) for events in ranges),
            )
            for ecosystem, package, versions, ranges in affected
        ),
        tuple(Rating(*rating) for rating in ratings),
    )
