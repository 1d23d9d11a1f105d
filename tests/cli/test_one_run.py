from cli.conftest import Gates


def test_standard_output_holds_only_what_was_asked_for(gates: Gates) -> None:
    gates.policy(
        "version: 1\nlevels: {1: [{uses: command, with: {run: 'true', examined: exit-status}}]}\n"
    )
    done = gates("check", "--report", "json")
    assert done.out.startswith("{")
    assert "passed" in done.err
    assert "passed" in gates("check").out
