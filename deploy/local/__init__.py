"""The whole network on one machine, without containers."""
