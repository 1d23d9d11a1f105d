import json

from cli.conftest import Gates


def test_the_schema_is_printed(gates: Gates) -> None:
    schema = json.loads(gates("schema").out)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "levels" in schema["properties"]
