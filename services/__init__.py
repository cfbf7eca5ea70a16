"""The processes of the network: one folder each, and a sector is one of them."""
