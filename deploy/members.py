"""Who is in a network for development, on one machine or in containers; the sectors are those of the build."""

ORIGIN = "litopys.example/local"
VALIDATORS = ("kyiv", "lviv", "odesa", "dnipro")
SEALERS = ("a", "b")
PARTITIONS = 8
