"""Synthetic exports: parcels of a region that does not exist, with titles, holders and life cycles."""

from services.registers.sample.features import sample

__all__ = ["sample"]
