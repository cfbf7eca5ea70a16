"""Exports of registers, read row by row in bounded memory: each row with its number, its place and its raw bytes.

Strict first: what cannot be read is a row with its reason, what could be read only by tolerance says so in a note.
"""
