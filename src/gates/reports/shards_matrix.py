"""A plan of shards as GitHub's matrix: one line of JSON that holds numbers and nothing else.

GitHub pastes a matrix into the workflow. Free text in it could end up in a script, and an output
that contains a masked word disappears; digits do neither.
"""

from __future__ import annotations

import json

from gates.domain.shards import ShardPlan


def report(plan: ShardPlan) -> str:
    """The matrix, on one line that ends with a line break."""
    return (
        json.dumps({"shard": [shard.index for shard in plan.shards]}, separators=(",", ":")) + "\n"
    )
