"""The tree of RFC 6962 over tiles of C2SP tlog-tiles: hashes, growing, proofs. Pure; docs/spec/tree-and-tiles.md."""
