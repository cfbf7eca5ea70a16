"""The built image and docker-compose.yml tried on one machine without a container engine."""
