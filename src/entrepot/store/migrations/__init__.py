"""The steps from an empty database to today's tables, run by :mod:`entrepot.store.migrate`."""
