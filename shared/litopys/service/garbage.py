"""The collector of cycles is spared what stays: modules, schemas, generated decoders, tens of thousands of objects.

Full passes look at all of them again and again and find nothing, more often the more rows or records go by. Whatever is
made after the beginning is collected as ever.
"""

import gc


def spare_what_is_loaded() -> None:
    """Let collections pass over all that is in memory now. Once, when a process has loaded what it works with."""
    gc.collect()
    gc.freeze()


def collect_seldom() -> None:
    """Look for cycles less often: for processes that make many objects and hardly any cycle.

    Objects of one block are made and freed by the ten thousand; at Python's 700 the youngest of them are looked at
    again and again while they are still needed (measured: docs/performance.md).
    """
    gc.set_threshold(50_000, 10, 20)
