"""Entrepot: a self-hosted unified commerce API."""

__version__ = "0.1.0"
