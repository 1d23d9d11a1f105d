"""The history of an order's status."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the history, with the present status as its first entry."""
    op.create_table(
        "order_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("order_id", sa.Integer, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("actor_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_order_events"),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name="fk_order_events_order_id_orders", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_order_events_actor_id_users"),
    )
    op.create_index("ix_order_events_order_id", "order_events", ["order_id"])
    op.execute(
        "INSERT INTO order_events (order_id, status, actor_id, at)"
        " SELECT id, status, customer_id, updated_at FROM orders"
    )


def downgrade() -> None:
    """Drop the history."""
    op.drop_table("order_events")
