"""Establishments: a school or another institution, with the legal entity that it is or belongs to."""
