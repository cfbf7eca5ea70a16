"""The ledger's rules: network file, blocks, which block counts, admission, finality, receipts. Pure; see docs/spec/."""
