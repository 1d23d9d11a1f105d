"""One subscriber of a broadcast, and what it heard, while a run lasts."""

from __future__ import annotations

from dataclasses import dataclass, field

from gates.formats.broadcast_record import Heard, Life, Sent
from gates.traffic.broadcast_wire import Wire


@dataclass(slots=True)
class Subscriber:
    """One subscriber while the run lasts."""

    number: int
    lives: list[Life] = field(default_factory=list)
    got: list[tuple[int, int]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    unnamed: list[tuple[str, int]] = field(default_factory=list)
    foreign: int = 0
    misplaced: int = 0
    broken: int = 0
    last_id: str = ""
    wire: Wire | None = None
    ready_us: int | None = None

    @property
    def is_connected(self) -> bool:
        """Whether messages can still come."""
        return self.wire is not None and not self.wire.gone.done()

    def hear(self, number: int, at_us: int) -> None:
        """Note a message of ours."""
        self.got.append((number, at_us))
        self.seen.add(number)

    def learn(self, name: str, sent: Sent) -> None:
        """Note the messages of a name that were there before the service told whose name it is."""
        early = [at_us for told, at_us in self.unnamed if told == name and at_us >= sent.at_us]
        if not early:
            return
        self.unnamed = [each for each in self.unnamed if each[0] != name or each[1] < sent.at_us]
        for at_us in early:
            self.hear(sent.number, at_us)
        self.got.sort(key=lambda each: each[1])  # in order of receipt, as all others are

    def heard(self) -> Heard:
        """What is kept of it; names that nobody told are of messages that are not ours."""
        foreign = self.foreign + len(self.unnamed)
        return Heard(
            subscriber=self.number,
            lives=tuple(self.lives),
            got=tuple(self.got),
            foreign=foreign,
            misplaced=self.misplaced,
            broken=self.broken,
        )
