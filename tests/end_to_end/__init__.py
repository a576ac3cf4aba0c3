"""The product from outside: real processes, real HTTP, both databases, the demo shop behind them."""
