"""The collector of cycles is spared what stays: modules, schemas, generated decoders, tens of thousands of objects.

Full passes look at all of them again and again and find nothing, more often the more rows or records go by. Whatever is
made after the beginning is collected as ever.
"""

import gc


def spare_what_is_loaded() -> None:
    """Let collections pass over all that is in memory now. Once, when a process has loaded what it works with."""
    gc.collect()
    gc.freeze()
