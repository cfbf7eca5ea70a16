"""One meaning, one colour, on every dashboard; the names are Grafana's own, so both of its themes show them well."""

FINE = "green"
WATCH = "orange"
BROKEN = "red"
# Nothing is known: neither fine nor broken, and never to be taken for fine.
UNKNOWN = "purple"
# A figure that is neither good nor bad.
PLAIN = "blue"
QUIET = "#6e7681"

MEDIAN = "light-blue"
NEARLY_ALL = "dark-purple"

# Sectors that are planned; one beside them gets a colour by its name.
SECTORS = {
    "registers": "#5794f2",
    "public_services": "#73bf69",
    "social_security": "#ff9830",
    "public_health": "#f2495c",
    "energy": "#fade2a",
    "cyber_security": "#b877d9",
}
