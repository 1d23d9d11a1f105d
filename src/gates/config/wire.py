"""The shape of gates.yaml as pydantic models, of which the JSON Schema is made too.

They say what may stand where; what it means is resolved elsewhere. The field descriptions are what
an editor shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

GATE_NAME = "^[a-z][a-z0-9_-]{0,63}$"
TIMEOUT = "^([1-9][0-9]{0,5})(s|m|min|h)$"
TARGET_NAME = "^[a-z][a-z0-9_-]*$"
REVISION = "^([0-9a-f]{40}|[0-9a-f]{64})$"
REPOSITORY = "^[!-,.-~][!-~]*$"
ENV_NAME = "^[A-Za-z_][A-Za-z0-9_]*$"

OWN_ERROR = "gates"
"""Type of the errors that our own validators raise, with slug, summary and hint as context."""


def fits(pattern: str, slug: str, what: str, hint: str) -> Callable[[str], str]:
    """A check of a text, which refuses in our own words what a pattern does not match whole."""

    def check(text: str) -> str:
        # `$` alone would let a line end pass.
        if re.fullmatch(pattern, text) is None:
            summary = f"`{text[:80]}` is not {what}"
            context = {"slug": slug, "summary": summary, "hint": hint}
            raise PydanticCustomError(OWN_ERROR, "{summary}", context)
        return text

    return check


GateName = Annotated[
    str,
    Field(json_schema_extra={"pattern": GATE_NAME}),
    AfterValidator(
        fits(
            GATE_NAME,
            "bad-gate-name",
            "a gate's name",
            "write small letters, digits, `-` and `_`, a letter first, at most 64",
        )
    ),
]
Timeout = Annotated[
    str,
    Field(json_schema_extra={"pattern": TIMEOUT}),
    AfterValidator(
        fits(TIMEOUT, "bad-timeout", "a time limit", "write it as in `90s`, `10m` or `1h`")
    ),
]
TargetName = Annotated[
    str,
    Field(json_schema_extra={"pattern": TARGET_NAME}),
    AfterValidator(
        fits(
            TARGET_NAME,
            "bad-target-name",
            "a target's name",
            "write small letters, digits, `-` and `_`, a letter first",
        )
    ),
]
EnvName = Annotated[
    str,
    Field(json_schema_extra={"pattern": ENV_NAME}),
    AfterValidator(
        fits(
            ENV_NAME,
            "bad-env-name",
            "a variable's name",
            "write letters, digits and `_`, no digit first",
        )
    ),
]
EnvValue = Annotated[
    str, AfterValidator(fits("[^\0]*", "bad-env-value", "a variable's value", "leave out `\\0`"))
]
PathText = Annotated[
    str,
    Field(min_length=1),
    AfterValidator(fits("[^\0]*", "bad-path", "a path", "leave out `\\0`")),
]
RevisionText = Annotated[
    str,
    Field(json_schema_extra={"pattern": REVISION}),
    AfterValidator(
        fits(
            REVISION,
            "bad-revision",
            "the whole name of a commit",
            "write all of its 40 or 64 digits: a branch or a short name can come to mean another",
        )
    ),
]
RepositoryText = Annotated[
    str,
    Field(json_schema_extra={"pattern": REPOSITORY}),
    AfterValidator(
        fits(
            REPOSITORY,
            "bad-repository",
            "the address of a repository",
            "write it as in `https://git.example/policy.git`",
        )
    ),
]
Due = Literal["commit", "push", "ci"]
ShortText = Annotated[str, Field(min_length=1, max_length=500)]
Texts = list[str] | str


class Model(BaseModel):
    """Base of the models: strict, closed and frozen."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        # Built when first used: the two largest only serve the JSON Schema.
        defer_build=True,
    )


class Sources(Model):
    """Which files coverage, types and SAST must cover."""

    include: Annotated[list[PathText], Field(min_length=1)] = Field(
        default_factory=list,
        description="Folders, files or globs; detected where left out.",
    )
    exclude: list[PathText] = Field(
        default_factory=list,
        description="Folders, files or globs left out; they are counted and shown.",
    )


class Pin(Model):
    """A file of a git revision that is pinned by the whole name of its commit."""

    git: RepositoryText = Field(description="Address of the repository, or a path to it.")
    rev: RevisionText = Field(
        description="The commit's whole name, 40 or 64 digits; it is fetched once."
    )
    path: PathText = Field(default="gates.yaml", description="The file in it.")


class Exemption(Model):
    """Why a documented criterion does not apply, and who says so."""

    reason: ShortText = Field(description="Why the criterion does not apply here.")
    owner: ShortText = Field(description="The person who answers for it.")


class Gate(Model):
    """A named check: one stage and the conditions on what it measured."""

    uses: str = Field(
        default="",
        description="The stage that measures; may be left out where the gate is named like it.",
    )
    name: GateName = Field(
        default="",
        description="The gate's name, where gates stand in a list; else its stage's name.",
    )
    options: dict[str, object] = Field(
        default_factory=dict, alias="with", description="The stage's options."
    )
    require: Texts = Field(
        default_factory=list,
        description="Conditions that must hold; one on a default's metric replaces that default.",
    )
    warn: Texts = Field(
        default_factory=list, description="Conditions that are told and never decide."
    )
    drop: Texts = Field(
        default_factory=list,
        description="Metrics whose default conditions are taken away; counts as loosening.",
    )
    needs: Texts = Field(
        default_factory=list, description="Gates that run before this one and hand it their data."
    )
    timeout: Timeout = Field(default="", description="How long it may take: `90s`, `10m`, `1h`.")
    env: dict[EnvName, EnvValue] = Field(
        default_factory=dict,
        description="Additions to the environment of its tool, and of its service.",
    )
    service: str = Field(
        default="", description="The service that it measures, one of `services:`."
    )
    when: Annotated[list[Due], Field(min_length=1)] | Due = Field(
        default_factory=list,
        description="When it is due: at each commit, at each push, in CI; else as its stage says.",
    )
    shards: Annotated[int, Field(ge=1, le=256)] = Field(
        default=1,
        description="Parts that its work is split into where a level is divided over machines.",
    )
    criteria: Texts = Field(
        default_factory=list,
        description="IDs of further documented criteria that this gate serves.",
    )


GateForm = str | Gate


class PolicyGate(Model):
    """What is asked of the gate `policy`, which judges what a change takes from the gates."""

    require: Texts = Field(
        default_factory=list,
        description="Conditions on its metrics that must hold, as in `suppressions == 0`.",
    )
    warn: Texts = Field(
        default_factory=list, description="Conditions that are told and never decide."
    )
    drop: Texts = Field(
        default_factory=list,
        description="Metrics that are told no more; never `loosened`.",
    )


class LevelHead(Model):
    """What a level says beside its gates."""

    name: ShortText = Field(default="", description="The level's name, for people.")


class Level(LevelHead):
    """A level with a name of its own."""

    gates: (
        Annotated[dict[GateName, GateForm], Field(min_length=1)]
        | Annotated[list[GateForm], Field(min_length=1)]
    ) = Field(description="Its gates: by name, or a list of stages.")


class Head(Model):
    """All that gates.yaml says beside its levels."""

    version: Literal[1] = Field(description="The version of this file's form.")
    extends: PathText | Pin = Field(
        default="",
        description="A shared policy, which this file tightens and adds to: a path, or a pinned"
        " revision.",
    )
    project: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        default="", description="The project's name; the folder's where left out."
    )
    sources: Annotated[list[PathText], Field(min_length=1)] | Sources = Field(
        default_factory=Sources,
        description="What coverage, types and SAST must cover; detected where left out.",
    )
    environment: PathText = Field(
        default="", description="Folder of the environment that holds the project's tools."
    )
    policy: PolicyGate = Field(
        default_factory=PolicyGate,
        description="What `check --policy-from` asks of a change besides loosening nothing here.",
    )
    targets: dict[TargetName, str | int | Decimal] = Field(
        default_factory=dict,
        description="The project's own numbers; a condition's limit may be `target.NAME`.",
    )
    not_applicable: dict[str, Exemption] = Field(
        default_factory=dict,
        description="Documented criteria that do not apply, each with reason and owner.",
    )
    allow_hosts: list[ShortText] = Field(
        default_factory=list,
        description="Hosts besides loopback on which a service with `url:` may be.",
    )
    projects: Annotated[list[PathText], Field(min_length=1)] = Field(
        default_factory=list,
        description="Folders with a gates.yaml of their own, as paths or globs, judged as one.",
    )


def keys_of(model: type[Model]) -> tuple[str, ...]:
    """The keys of a mapping that a model reads, as they are written."""
    return tuple(field.alias or name for name, field in model.model_fields.items())
