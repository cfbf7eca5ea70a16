"""Land parcels: title, rights of use, mortgages, seizures. Pure."""
