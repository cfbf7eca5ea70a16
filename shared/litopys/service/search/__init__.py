"""Finding objects: what a stream is found by, how texts are made comparable, and what somebody may ask."""
