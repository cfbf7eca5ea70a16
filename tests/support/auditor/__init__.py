"""An auditor that believes nobody: reads Kafka and all databases, and judges the promises with code of its own.

It shares no line with the product but what stands in the specification: hashing and signatures come from `hashlib` and
`cryptography`, records from plain consumers, rows from plain SQL.

    evidence = read_evidence(Whereabouts(…))
    findings = audit(evidence, claims)          # [] when all promises hold
"""
