from __future__ import annotations

from threading import Event

import pytest
from toolkit.small_server import serving

from gates.domain.errors import StageError
from gates.toolkit.scraping import TIMES, Sampler, pages


def test_a_page_is_fetched_several_times() -> None:
    with serving(lambda _path, at: (200, b"%d" % at)) as server:
        assert pages(f"{server.url}/metrics") == (b"0", b"1", b"2", b"3", b"4")
    assert server.asked == ["/metrics"] * TIMES


def test_a_page_that_is_not_there_is_told() -> None:
    with serving(lambda _path, _: (503, b"")) as server, pytest.raises(StageError, match="503"):
        pages(server.url)


def test_samples_are_taken_until_the_end() -> None:
    taken: list[bytes] = []
    enough = Event()

    def take(data: bytes) -> None:
        taken.append(data)
        if len(taken) == 3:
            enough.set()

    with serving(lambda _path, at: (200, b"%d" % at)) as server:
        with Sampler(server.url, take, every_s=0.01) as sampler:
            assert enough.wait(10)
        count = len(taken)

    assert taken[:3] == [b"0", b"1", b"2"]
    assert len(sampler.at_s) == count == len(server.asked)
    assert sampler.at_s == sorted(sampler.at_s)


def test_what_a_sample_raises_is_raised_at_the_end() -> None:
    tried = Event()

    def take(data: bytes) -> None:
        tried.set()
        raise StageError("odd", f"no page: {data.decode()}")

    with serving(lambda _path, _: (200, b"x")) as server:
        with pytest.raises(StageError, match="no page: x"), Sampler(server.url, take) as sampler:
            assert tried.wait(10)
        assert sampler.at_s == []
        with pytest.raises(KeyError), Sampler(server.url, take):
            raise KeyError("the caller's own error stands")
