"""Events: strict JSON, CloudEvents, plain and batch signatures, disclosures, entries. Pure; see docs/spec/events.md."""
