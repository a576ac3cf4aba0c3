"""The budgets: every measurement has both sides in one run and answers a ratio, because absolute numbers are those of
a machine. ``python -m benchmarks --small`` takes minutes, ``make bench`` measures in full."""
