"""Keys, signed notes, checkpoints, cosignatures and trust policies, as C2SP specifies them.

Pure, and the only room that touches Ed25519: docs/spec/keys-and-notes.md.
"""
