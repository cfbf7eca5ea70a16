"""What runs Litopys on Kubernetes."""
