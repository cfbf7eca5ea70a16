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
MOST = "blue"
NEARLY_ALL = "dark-purple"
LIMIT = "red"

COMMIT = "blue"
KAFKA = "orange"
HTTP = "purple"
