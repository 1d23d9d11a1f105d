"""Decides whether a back end may ship: three levels of gates that pass only on proof."""

__version__ = "0.1.0"
