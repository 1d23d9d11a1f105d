"""What was seen of a service while another gate measured, for the stage that wants it."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import normpath

from gates.domain.errors import StageError
from gates.plugin.context import Context, ServiceTrace
from gates.toolkit.files import Report


def trace_of(ctx: Context, gate: str) -> ServiceTrace:
    """What was seen of the service of a needed gate, while that gate measured.

    Args:
        ctx: the project.
        gate: the name of the gate.

    Raises:
        StageError: it is not needed, could not measure, or names no service.
    """
    need = ctx.needed.get(gate)
    if need is None:
        raise StageError("no-such-need", f"gate `{gate}` handed nothing over")
    if need.result is None:
        raise StageError(
            "needed-not-measured",
            f"gate `{gate}` could not measure, so nothing is known of its service",
            hint=f"mend `{gate}` first",
        )
    if need.service is None:
        raise StageError(
            "no-service",
            f"gate `{gate}` names no service, so nothing was seen of one",
            hint=f"add `service:` to gate `{gate}`",
        )
    return need.service


def sides(reports: Sequence[Report], named: tuple[str, ...]) -> tuple[bytes, bytes]:
    """The two pages of `report:`, in the order in which gates.yaml names them: before and after.

    Args:
        reports: both, in any order.
        named: as gates.yaml names them.
    """
    found = {report.name: report.data for report in reports}
    before, after = (found[normpath(name)] for name in named)
    return before, after
