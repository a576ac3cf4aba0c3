"""Where secrets rest: credentials are sealed for one row of one table, API keys are kept as hashes only."""

from entrepot.vault.vault import Vault

__all__ = ["Vault"]
