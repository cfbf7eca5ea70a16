from tests.bench.growth_table import print_comparison


def mark(entries, *, importer_us, relation_bytes):
    return {
        "entries": entries,
        "events": 100,
        "cpu_us_an_event": {"importer": importer_us},
        "yardstick_s": importer_us / 1e4,
        "memory_mib": {"importer": 50.0},
        "kafka_bytes": {"events.registers": entries * 1_000},
        "database_bytes": {"validator_kyiv": {"entry": relation_bytes, "block": 3}},
    }


def test_two_sizes_are_compared_by_the_marks_that_lead_to_them(capsys):
    lines = [mark(100, importer_us=900.0, relation_bytes=100_000)]  # warming up
    lines += [
        mark(entries, importer_us=entries / 10, relation_bytes=1_000 * entries) for entries in range(200, 1_100, 100)
    ]
    print_comparison(lines, 300, 1_000)
    told = capsys.readouterr().out
    assert "| | 300 entries | 1,000 entries | ratio |" in told
    assert "| µs of CPU an event: importer | 25.0 | 90.0 | 3.60 |" in told
    assert "thousandths of the yardstick | 10.0 | 10.0 | 1.00 |" in told, "the machine was slower, not the ledger"
    assert "| MiB held by: importer | 50.0 | 50.0 | 1.00 |" in told
    assert "| validator_kyiv, all | 1000.0 | 1000.0 |" in told
    assert "block" not in told, "what is next to nothing is left out"
