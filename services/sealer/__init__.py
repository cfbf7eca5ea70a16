"""The sealer: orders what the sectors published into hash-linked blocks, and signs what a quorum has cosigned."""
