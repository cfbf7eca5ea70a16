"""Documents made from the code: JSON Schemas of events, the OpenAPI document of a sector, the tables in its README.

`python -m services.documents` writes them; a contract test says when they are not current.
"""

from pathlib import Path
from typing import Final

SERVICES: Final = Path(__file__).parents[1]
EVERY_STREAM: Final = "every stream"
