import os
import signal

from gates.executor.interrupts import CAUGHT, caught


def test_each_interrupt_is_told_by_its_number_and_handlers_come_back() -> None:
    before = [signal.getsignal(number) for number in CAUGHT]
    told: list[int] = []
    with caught(told.append):
        for number in CAUGHT:
            os.kill(os.getpid(), number)
    assert told == list(CAUGHT)
    assert [signal.getsignal(number) for number in CAUGHT] == before
