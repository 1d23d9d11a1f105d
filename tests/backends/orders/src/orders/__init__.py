"""An order service: accounts, products, orders with stock reservation, and live order events."""

__version__ = "1.4.0"
