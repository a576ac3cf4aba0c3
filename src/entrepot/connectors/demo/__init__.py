"""The demo shop, reached through its own API like any other platform."""

from entrepot.connectors.demo.connector import CONNECTOR

__all__ = ["CONNECTOR"]
