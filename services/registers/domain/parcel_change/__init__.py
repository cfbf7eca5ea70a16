"""Division and merger of parcels: what happens to several streams at once is decided in this one. Pure."""
