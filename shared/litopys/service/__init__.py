"""What every process of Litopys stands on (settings, HTTP, problems, logs, metrics), and the service of a sector."""
