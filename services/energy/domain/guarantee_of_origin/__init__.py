"""Guarantees of origin: batches of megawatt hours that are held, split, transferred, redeemed. Pure."""
