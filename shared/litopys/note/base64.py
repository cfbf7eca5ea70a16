"""Base64 by RFC 4648, section 4, with padding, in the one spelling that each byte string has."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

from litopys.errors import Malformed


def parse_base64(text: str | bytes) -> bytes:
    """Decode; raises Malformed for anything that encoding would not give: white space, idle bits, missing padding."""
    try:
        data = a2b_base64(text, strict_mode=True)
    except (Error, ValueError) as error:
        raise Malformed("not base64") from error
    spelled = text.encode() if isinstance(text, str) else text
    if b2a_base64(data, newline=False) != spelled:
        raise Malformed("base64 with idle bits")
    return data


def format_base64(data: bytes) -> str:
    """Encode."""
    return b2a_base64(data, newline=False).decode("ascii")
