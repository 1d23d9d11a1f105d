"""The JSON Schemas of gates.yaml and of the waivers, made from the models that read them.

Draft 2020-12. Editors complete from them; what only the loader can know (whether a metric is one of
its stage's, whether a needed gate is there) they do not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from pydantic import TypeAdapter

from gates import stages
from gates.config.resolve import LoadStage, StageNames
from gates.config.wire import GATE_NAME
from gates.config.wire_file import File
from gates.domain.criteria import CRITERIA
from gates.domain.plan import LEVELS
from gates.domain.policy_change import GATE
from gates.domain.waiver import WAIVERS
from gates.plugin import Options, Stage

DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""The dialect of the schema."""

_SUBJECT = r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\s*(\{.+\})?"
_CONDITION = rf"^\s*{_SUBJECT}\s*(<=|>=|==|<|>)\s*[^<>=\s]([^<>=]*[^<>=\s])?\s*$"
_DROP = rf"^\s*{_SUBJECT}\s*$"

_BY_NAME = frozenset({"$defs", "properties", "patternProperties"})

Schema = dict[str, object]
Types = Mapping[str, type[Stage[Options]]]


def json_schema(
    *, load_stage: LoadStage = stages.load, stage_names: StageNames = stages.names
) -> Schema:
    """Make the schema, with the options of every stage.

    Args:
        load_stage: finds a stage's class by name.
        stage_names: the names of the stages that it shall know.
    """
    types = {name: load_stage(name) for name in stage_names() if name != GATE}
    made: Schema = TypeAdapter(File).json_schema()
    definitions = _members(made["$defs"])
    properties = _members(made["properties"])
    properties["levels"] = _levels(_members(properties["levels"]))
    _members(properties["not_applicable"])["propertyNames"] = {"enum": _criteria()}
    _complete_gate(_members(definitions["Gate"]), types)
    _complete_texts(_members(_members(definitions["PolicyGate"])["properties"]))
    level = _members(definitions["Level"])
    _members(_members(level["properties"])["gates"])["anyOf"] = [
        {"$ref": "#/$defs/Gates"},
        _listed_gates(),
    ]
    definitions |= {
        "Condition": _condition(),
        "Gates": _named_gates(types),
        "Stage": _stage(types),
        **{f"options-{name}": options_schema(each) for name, each in types.items()},
    }
    made["anyOf"] = [{"required": ["levels"]}, {"required": ["projects"]}]
    return {"$schema": DIALECT, **_tidy(made), "title": "gates.yaml"}


def waivers_schema() -> Schema:
    """Make the schema of the file of waivers."""
    from gates.config.waivers import NEEDED
    from gates.config.wire_waivers import FINGERPRINT, WaiversFile

    made: Schema = TypeAdapter(WaiversFile).json_schema()
    entry = _members(_members(made["$defs"])["WaiverEntry"])
    entry["required"] = list(NEEDED)
    never: Schema = {"not": {}}
    fingerprint = {"finding": {"pattern": FINGERPRINT}}
    entry["oneOf"] = [
        {"required": ["condition"], "properties": {"finding": never, "scope": never}},
        {
            "required": ["finding"],
            "properties": {"condition": never},
            "anyOf": [{"required": ["scope"]}, {"properties": fingerprint}],
        },
    ]
    return {"$schema": DIALECT, **_tidy(made), "title": WAIVERS}


def options_schema(stage_type: type[Stage[Options]]) -> Schema:
    """The schema of a stage's options, each with its line of help."""
    made: Schema = TypeAdapter(stage_type.options_type).json_schema()
    properties = _members(made.get("properties", {}))
    for field in fields(stage_type.options_type):
        one = _members(properties[field.name])
        if field.metadata.get("or_text"):
            listed = {key: one.pop(key) for key in ("type", "items")}
            one["anyOf"] = [{"type": "string"}, listed]
        if "help" in field.metadata:
            one["description"] = f"{field.metadata['help']}"
    made["description"] = f"Options of stage `{stage_type.uses}`: {stage_type.title}."
    return _tidy(made)


def _levels(made: Schema) -> Schema:
    level = {"anyOf": [_listed_gates(), {"$ref": "#/$defs/Level"}]}
    return {
        "type": "object",
        "description": made["description"],
        "properties": {f"{number}": level for number in LEVELS},
        "additionalProperties": False,
        "minProperties": 1,
    }


def _listed_gates() -> Schema:
    """Gates in a list: stages' names, or mappings that name their stage."""
    return {"type": "array", "items": _gate_using({"required": ["uses"]}), "minItems": 1}


def _named_gates(types: Types) -> Schema:
    """Gates by name; one that is named like a stage may leave `uses` out."""
    nameless: Schema = {"not": {"required": ["name"]}}
    shortcuts = {
        name: _gate_using(nameless, {"if": {"required": ["uses"]}, "else": _with_options(name)})
        for name in types
    }
    return {
        "type": "object",
        "description": "Gates by name.",
        "minProperties": 1,
        "propertyNames": {"pattern": GATE_NAME},
        "properties": shortcuts,
        "additionalProperties": _gate_using(nameless, {"required": ["uses"]}),
    }


def _gate_using(*demands: Schema) -> Schema:
    gate = {"allOf": [{"$ref": "#/$defs/Gate"}, *demands]}
    return {"anyOf": [{"$ref": "#/$defs/Stage"}, gate]}


def _with_options(stage: str) -> Schema:
    return {"properties": {"with": {"$ref": f"#/$defs/options-{stage}"}}}


def _stage(types: Types) -> Schema:
    choices = [{"const": name, "description": f"{each.title}."} for name, each in types.items()]
    return {"description": "A stage's name.", "oneOf": choices}


def _condition() -> Schema:
    return {
        "type": "string",
        "description": 'METRIC[{TAG="VALUE"}] OP LIMIT, as in `line >= 90%`.',
        "pattern": _CONDITION,
    }


def _complete_gate(made: Schema, types: Types) -> None:
    """Say what a gate's texts may be, and what stands under `with` for each stage."""
    properties = _members(made["properties"])
    _complete_texts(properties)
    uses = _members(properties["uses"])
    uses.pop("type")
    uses["$ref"] = "#/$defs/Stage"
    made["allOf"] = [
        {
            "if": {"properties": {"uses": {"const": name}}, "required": ["uses"]},
            "then": _with_options(name),
        }
        for name in types
    ]


def _complete_texts(properties: Schema) -> None:
    """Say what may stand under those keys that take one text or a list of them."""
    texts: dict[str, Schema] = {
        "require": {"$ref": "#/$defs/Condition"},
        "warn": {"$ref": "#/$defs/Condition"},
        "drop": {"type": "string", "pattern": _DROP},
        "needs": {"type": "string", "pattern": GATE_NAME},
        "criteria": {"enum": _criteria()},
    }
    for key in texts.keys() & properties.keys():
        one = texts[key]
        _members(properties[key])["anyOf"] = [one, {"type": "array", "items": one}]


def _criteria() -> list[str]:
    return [criterion.id for criterion in CRITERIA]


def _tidy(made: Schema) -> Schema:
    """The schema without what pydantic adds and no editor needs, and closed where it is open."""
    done: Schema = {}
    for key, value in made.items():
        if key in _BY_NAME:
            done[key] = {name: _tidy(_members(each)) for name, each in _members(value).items()}
        elif isinstance(value, list):
            done[key] = [_tidy(each) if isinstance(each, dict) else each for each in value]
        elif isinstance(value, dict):
            done[key] = _tidy(value)
        elif key != "title" and not (key == "default" and value in ("", None)):
            done[key] = value
    if "patternProperties" in done:
        done.setdefault("additionalProperties", False)
    return done


def _members(value: object) -> Schema:
    if not isinstance(value, dict):
        raise TypeError(f"not a schema: {value!r}")
    return value
