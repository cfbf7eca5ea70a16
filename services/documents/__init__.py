"""Documents made from the code: JSON Schemas of all events, and the tables of events and rules in a sector's README.

`python -m services.documents` writes them; a contract test says when they are not current.
"""

from pathlib import Path
from typing import Final

SERVICES: Final = Path(__file__).parents[1]
EVERY_STREAM: Final = "every stream"
