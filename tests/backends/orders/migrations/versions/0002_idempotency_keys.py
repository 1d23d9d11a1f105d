"""Idempotency keys of orders."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Remember under which key an order was created, once per customer."""
    with op.batch_alter_table("orders") as orders:
        orders.add_column(sa.Column("idempotency_key", sa.String(80), nullable=True))
        orders.add_column(sa.Column("request_digest", sa.String(64), nullable=True))
        orders.create_index(
            "ix_orders_customer_id_idempotency_key",
            ["customer_id", "idempotency_key"],
            unique=True,
        )


def downgrade() -> None:
    """Forget the keys."""
    with op.batch_alter_table("orders") as orders:
        orders.drop_index("ix_orders_customer_id_idempotency_key")
        orders.drop_column("request_digest")
        orders.drop_column("idempotency_key")
