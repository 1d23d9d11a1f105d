import json

from cli.conftest import Gates


def test_the_schema_is_printed(gates: Gates) -> None:
    schema = json.loads(gates("schema").out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "levels" in schema["properties"]


def test_the_schema_of_the_waivers_is_printed(gates: Gates) -> None:
    schema = json.loads(gates("schema", "waivers").out)
    assert schema["title"] == ".gates/waivers.yaml"
    assert gates("schema", "waiver").code == 2
