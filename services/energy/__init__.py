"""The energy sector: generation, guarantees of origin, the market."""
