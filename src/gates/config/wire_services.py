"""The shape of `services:` in gates.yaml as pydantic models."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from gates.config.wire import (
    EnvName,
    EnvValue,
    Model,
    PathText,
    Texts,
    Timeout,
    fits,
)

SERVICE_NAME = "^[a-z][a-z0-9_-]{0,63}$"
KINDS = ("postgres", "redis")
TRAFFIC = r"^[0-9]{1,9}(\.[0-9]{1,6})?/(s|min|h)$"

ServiceName = Annotated[
    str,
    Field(json_schema_extra={"pattern": SERVICE_NAME}),
    AfterValidator(
        fits(
            SERVICE_NAME,
            "bad-service-name",
            "a service's name",
            "write small letters, digits, `-` and `_`, a letter first, at most 64",
        )
    ),
]
Traffic = Annotated[
    str,
    Field(json_schema_extra={"pattern": TRAFFIC}),
    AfterValidator(
        fits(TRAFFIC, "bad-rate", "a rate", "write it as in `400/s`, `24000/min` or `90000/h`")
    ),
]
Kind = Annotated[
    str,
    Field(json_schema_extra={"enum": list(KINDS)}),
    AfterValidator(
        fits(
            "|".join(KINDS),
            "unknown-service-kind",
            "a ready-made service",
            f"known are {', '.join(KINDS)}; any other program: `run: COMMAND`",
        )
    ),
]
Words = Annotated[list[EnvValue], Field(min_length=1)] | EnvValue


class ReadyForm(Model):
    """How it is known that a service can be asked; one of the four, and a deadline."""

    http: str = Field(
        default="", description="A path that answers with a 2xx or 3xx status: `/health`."
    )
    tcp: bool = Field(default=False, description="`true`: its port takes a connection.")
    log: str = Field(
        default="",
        description="A regular expression that a line of its output or its error output matches.",
    )
    command: Words = Field(
        default_factory=list, description="A command that ends with 0 once it is ready."
    )
    timeout: Timeout = Field(
        default="", description="How long its start may take: `30s` where left out."
    )


class Service(Model):
    """A program under test: started for the gates that name it, or found elsewhere."""

    run: Words = Field(
        default_factory=list,
        description="The command that serves, split as a shell splits words; `{port}`, `{host}`,"
        " `{url}`, `{dir}` and `{NAME.port}` of a service that it needs are filled in.",
    )
    uses: Kind = Field(default="", description="A ready-made service in place of `run`.")
    url: str = Field(
        default="",
        description="Where one that runs elsewhere is found; its host is loopback or stands in"
        " `allow_hosts`.",
    )
    setup: list[Words] = Field(
        default_factory=list, description="Commands that run before it starts, in order."
    )
    ready: str | ReadyForm = Field(
        default="", description="When it can be asked: `tcp`, a path, or a mapping."
    )
    env: dict[EnvName, EnvValue] = Field(
        default_factory=dict, description="Additions to its environment."
    )
    cwd: PathText = Field(
        default="", description="The folder that it starts in, below that of gates.yaml."
    )
    needs: Texts = Field(
        default_factory=list, description="Services that are ready before it starts."
    )
    shared: bool = Field(
        default=False,
        description="One instance serves all gates of a run; by default each gate gets its own.",
    )
    expected_traffic: Traffic = Field(
        default="", description="Requests that it is made for: `400/s`."
    )
    grace: Timeout = Field(
        default="", description="How long it may take to end: `10s` where left out."
    )


def is_service_name(name: str) -> bool:
    """Whether a service may be named so."""
    return re.fullmatch(SERVICE_NAME, name) is not None
