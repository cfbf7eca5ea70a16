"""What has to be known of points of edwards25519 beyond the signature equation (RFC 8032, section 5.1).

Arithmetic on public keys only, once for each key that is loaded: speed and constant time do not matter here.
"""

from __future__ import annotations

from typing import Final

GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""L, the order of the base point."""

_FIELD: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _FIELD) % _FIELD
_ROOT_OF_MINUS_ONE: Final = pow(2, (_FIELD - 1) // 4, _FIELD)
_SIGN: Final = 1 << 255

_SMALL_ORDER_Y: Final = (
    0,  # order 4
    1,  # the identity
    _FIELD - 1,  # order 2
    2707385501144840649318225287225658788936804267575313519463743609750303402022,  # order 8
    55188659117513257062467267217118295137698188065244968500265048394206261417927,  # order 8
)
# Both signs of each: where x = 0 the set sign is no encoding at all, and is refused here too.
_SMALL_ORDER: Final = frozenset((y | sign).to_bytes(32, "little") for y in _SMALL_ORDER_Y for sign in (0, _SIGN))

_Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T of RFC 8032, section 5.1.4
_IDENTITY: Final[_Point] = (0, 1, 1, 0)


def is_canonical(encoded: bytes) -> bool:
    """Answer whether the y of an encoded point is below the field's prime."""
    return int.from_bytes(encoded, "little") & (_SIGN - 1) < _FIELD


def is_small_order(encoded: bytes) -> bool:
    """Answer whether a canonical encoding is one of the eight points whose order divides the cofactor."""
    return encoded in _SMALL_ORDER


def has_prime_order(encoded: bytes) -> bool:
    """Answer whether a canonical encoding, not of small order, is a point in the subgroup of order L."""
    point = _decode(encoded)
    return point is not None and _is_identity(_multiply(GROUP_ORDER, point))


def _decode(encoded: bytes) -> _Point | None:
    """Recover x from y and its sign (RFC 8032, section 5.1.3); None where there is no such point."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (_SIGN - 1)
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _FIELD) % _FIELD
    x = pow(square, (_FIELD + 3) // 8, _FIELD)
    if (x * x - square) % _FIELD:
        x = x * _ROOT_OF_MINUS_ONE % _FIELD
    if (x * x - square) % _FIELD or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _FIELD - x
    return x, y, 1, x * y % _FIELD


def _multiply(scalar: int, point: _Point) -> _Point:
    result = _IDENTITY
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _add(one: _Point, other: _Point) -> _Point:
    """Add two points by the complete formulas of RFC 8032, section 5.1.4."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a = (y1 - x1) * (y2 - x2) % _FIELD
    b = (y1 + x1) * (y2 + x2) % _FIELD
    c = 2 * t1 * t2 * _D % _FIELD
    d = 2 * z1 * z2 % _FIELD
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _FIELD, g * h % _FIELD, f * g % _FIELD, e * h % _FIELD


def _is_identity(point: _Point) -> bool:
    x, y, z, _ = point
    return x % _FIELD == 0 and (y - z) % _FIELD == 0
