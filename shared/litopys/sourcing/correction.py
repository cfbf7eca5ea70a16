"""Correction of one field: its path is followed in the state's JSON form, and the result decoded strictly again."""

from typing import Any

from litopys.errors import RuleViolated
from litopys.sourcing.common import Corrected
from litopys.sourcing.shapes import shape_of


def corrected(state: object, correction: Corrected) -> Any:  # noqa: ANN401 - the state's own class
    """Give the state with one field changed; raises RuleViolated, or ShapeMismatch where the new value does not fit.

    A path is `field`, `field/field`, or `list/<number or id>/field` for an item that has a `number` or an `id`.
    """
    shape = shape_of(type(state))
    value: Any = shape.encode(state)
    *way, last = correction.field.split("/")
    holder = value
    for step in way:
        holder = _step_into(holder, step)
    if not isinstance(holder, dict) or last not in holder or isinstance(holder[last], (dict, list)):
        raise RuleViolated("no-such-field", "the path leads to no plain field")
    if holder[last] != correction.old or type(holder[last]) is not type(correction.old):
        raise RuleViolated("old-value", "the field does not hold what the correction says")
    if holder[last] == correction.new and type(holder[last]) is type(correction.new):
        raise RuleViolated("nothing-corrected", "the new value is the old one")
    holder[last] = correction.new
    return shape.decode(value)


def _step_into(holder: object, step: str) -> object:
    if isinstance(holder, dict) and step in holder:
        return holder[step]
    if isinstance(holder, list):
        for item in reversed(holder):  # of one name the latest, which stands last
            if isinstance(item, dict) and step in (str(item.get("number")), str(item.get("id"))):
                return item
    raise RuleViolated("no-such-field", "the path leads to no plain field")
