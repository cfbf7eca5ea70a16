"""The Unified State Register of legal entities (EDR): records as JSON, and the full export as XML by its XSD."""
