"""Legal entities: who they are, who stands behind them and speaks for them, and how they end."""
