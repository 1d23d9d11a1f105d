from __future__ import annotations

from gates.formats.broadcast_record import Life, Sent
from gates.traffic.broadcast_subscriber import Subscriber


def test_what_is_heard_is_kept() -> None:
    subscriber = Subscriber(3, lives=[Life(5)])
    subscriber.hear(1, 20)
    subscriber.hear(1, 30)
    heard = subscriber.heard()
    assert (heard.subscriber, heard.lives) == (3, (Life(5),))
    assert heard.got == ((1, 20), (1, 30))
    assert subscriber.seen == {1}
    assert not subscriber.is_connected


def test_a_name_that_is_told_later_keeps_the_order_of_receipt() -> None:
    subscriber = Subscriber(0)
    subscriber.unnamed += [("7", 20), ("8", 25)]
    subscriber.hear(0, 30)
    subscriber.learn("7", Sent(1, 10, 40))
    assert subscriber.heard().got == ((1, 20), (0, 30))
    assert subscriber.heard().foreign == 1
    assert subscriber.seen == {0, 1}


def test_what_was_there_before_it_was_published_is_not_ours() -> None:
    subscriber = Subscriber(0)
    subscriber.unnamed += [("7", 5), ("7", 20)]
    subscriber.learn("7", Sent(0, 10, 40))
    assert subscriber.heard().got == ((0, 20),)
    assert subscriber.heard().foreign == 1
    subscriber.learn("7", Sent(0, 10, 40))
    assert subscriber.heard().got == ((0, 20),)
