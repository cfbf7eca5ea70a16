"""Litopys: a ledger for the registers of a state, verifiable by whoever holds a receipt."""
