"""Medusa 2: read and written through its Admin API. See README.md beside this file."""

from entrepot.connectors.medusa.connector import CONNECTOR

__all__ = ["CONNECTOR"]
