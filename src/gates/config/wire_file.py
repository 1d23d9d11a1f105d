"""The whole of gates.yaml as one model, of which the JSON Schema is made."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gates.config.wire import GateForm, Head, Level
from gates.config.wire_services import Service, ServiceName


class File(Head):
    """The gates that decide whether this project may ship."""

    services: dict[ServiceName, Service] = Field(
        default_factory=dict,
        description="The programs under test, by name; they run for the gates that name them.",
    )
    levels: dict[Literal[1, 2, 3], Annotated[list[GateForm], Field(min_length=1)] | Level] = Field(
        default_factory=dict,
        min_length=1,
        description="The three levels: 1 automated, 2 integration, 3 business.",
    )
