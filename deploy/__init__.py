"""What runs Litopys: on one machine, in containers, in a cluster."""
