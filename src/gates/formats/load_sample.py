"""A record of a load for the conformance kit, as the generator writes it."""

from __future__ import annotations

_HEAD = (
    '{"schema":"gates/load/v1","generator":"load","version":"0.1.0","started":1767225600.0,'
    '"endpoints":["GET /orders"],"rate":200.0,"connections":800,"warmup_s":0.0,'
    '"duration_s":20.0}\n'
)
_BEAT = (
    '{{"at":{at},"endpoint":0,"times":[[{time},200]],"failed":{{}}}}\n'
    '{{"at":{at},"probe":{{"count":100,"late":0,"worst_us":900}},"cpu":0.05,"workers":1,'
    '"users":null,"asked":200}}\n'
)
_END = '{"end":{"requests":4000,"failed":0,"unfinished":0,"seconds":20.0}}\n'


def sample(microseconds: int) -> str:
    """A run of 20 seconds in which each of 4,000 requests took so long."""
    beats = "".join(_BEAT.format(at=at, time=microseconds) for at in range(20))
    return _HEAD + beats + _END
