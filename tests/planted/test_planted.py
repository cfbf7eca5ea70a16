"""Bugs planted on purpose, each a patch in this folder and never in the product: the test suite must find every one.

A patch is applied to a copy of the tree, exactly where it says and nowhere near; then the tests that are to find it run
there. They must run and fail: a patch that does not apply, or a test that cannot start, shows nothing.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COPIED = ("shared", "services", "deploy", "tests", "pyproject.toml")
NEEDS_SERVERS = "tests/integration/"
TIMEOUT_S = 500
pytestmark = pytest.mark.timeout(TIMEOUT_S + 100)
HALF_WRITTEN = shutil.ignore_patterns("*.pyc.*")  # compiled files that other processes are about to name

# patch → the tests that must find it; one of them that fails is enough.
FINDERS = {
    "accused_before_final": (
        "tests/unit/ledger/test_passed_over.py::test_what_our_records_say_of_a_block_accuses_once_a_quorum_says_the_same",
    ),
    "answer_after_commit": (
        "tests/integration/sector/test_steps.py::test_an_answer_is_recorded_with_what_it_acknowledges",
    ),
    "block_position_before_block": (
        "tests/integration/postgres/test_ledger_steps.py::test_a_block_that_is_cut_off_leaves_nothing",
    ),
    "digest_not_compared": ("tests/unit/ledger/test_chain.py::test_a_broken_block_is_passed_over",),
    "erasure_not_repeated": (
        "tests/integration/sector/test_steps.py::test_a_term_erases_again_what_the_topic_has_before_anybody_is_let_in",
    ),
    "event_of_another_source": ("tests/unit/ledger/test_admission.py::test_source",),
    "expected_version_unchecked": (
        "tests/integration/sector/test_steps.py::test_a_command_decided_upon_another_version_changes_nothing",
    ),
    "first_of_batch_only": ("tests/unit/event/test_signatures.py::test_a_forged_line_fails_alone",),
    "gate_left_open": ("tests/unit/services/validator/test_voting.py::test_the_gate_opens_when_16_below_is_final",),
    "held_let_go_after_refusal": (
        "tests/integration/sector/test_steps.py::test_what_cites_an_event_refused_for_good_is_never_let_go",
    ),
    "import_place_before_rows": (
        "tests/integration/sector/test_steps.py::test_a_batch_that_was_lost_with_the_process_is_read_again",
    ),
    "key_answers_any_request": ("tests/integration/service/test_http.py::test_the_same_key_has_effect_once",),
    "key_of_another_sector": ("tests/unit/ledger/test_admission.py::test_one_fault_alone",),
    "leaf_without_prefix": (
        "tests/unit/tlog/test_hashing.py::test_a_leaf_is_hashed_behind_a_zero_byte",
        "tests/unit/ledger/test_receipts.py::test_a_leaf_is_hashed_with_its_prefix",
    ),
    "name_taken_for_signer": (
        "tests/unit/replica/test_cosignatures.py::test_a_name_over_another_key_names_the_key_and_never_whose_name_it_is",
    ),
    "one_validator_votes_twice": ("tests/unit/ledger/test_collector.py::test_repeated_votes_do_not_add_up",),
    "other_records_unseen": ("tests/unit/services/validator/test_doubting.py::test_another_value_or_another_line",),
    "outbox_forgets_before_delivery": (
        "tests/integration/sector/test_outbox.py::test_what_is_signed_waits_until_it_was_read_back",
    ),
    "own_position_before_records": (
        "tests/integration/sector/test_steps.py::test_records_whose_taking_in_is_cut_off_are_read_again_by_the_next_life",
    ),
    "policy_of_two_thirds": ("tests/unit/note/test_policies.py::test_exactly_two_thirds_or_nobody_is_no_quorum",),
    "position_before_rows": (
        "tests/integration/postgres/test_ledger_steps.py::test_cosignatures_that_are_cut_off_are_read_again",
    ),
    "previous_not_compared": ("tests/unit/ledger/test_chain.py::test_a_broken_block_is_passed_over",),
    "quorum_of_two_thirds": ("tests/unit/ledger/test_network_file.py::test_a_quorum_is_more_than_two_thirds",),
    "race_called_a_lie": ("tests/unit/ledger/test_passed_over.py::test_the_loser_of_a_race_is_no_liar",),
    "range_overlaps": ("tests/unit/ledger/test_chain.py::test_an_overlap_is_no_continuation",),
    "receipt_without_quorum": ("tests/unit/ledger/test_receipts.py::test_refuses_these_lines",),
    "rejected_counts_as_final": (
        "tests/integration/sector/test_verdicts.py::test_an_index_counts_what_was_admitted_before_it",
    ),
    "second_vote_stored": ("tests/integration/postgres/test_ledger_store.py::test_one_vote_a_height_and_a_size",),
    "shown_before_record": (
        "tests/integration/sector/test_steps.py::test_no_field_leaves_before_its_record_is_committed",
    ),
    "signed_without_quorum": (
        "tests/unit/services/sealer/test_signing.py::test_a_quorum_is_signed_and_less_is_not",
        "tests/unit/ledger/test_finality.py::test_no_final_head_without_a_quorum",
    ),
    "skip_instead_of_wait": ("tests/unit/ledger/test_chain.py::test_waits_for_records_and_never_skips",),
    "suspects_let_go": (
        "tests/unit/services/validator/test_evidence.py::test_what_stands_after_a_block_is_kept_for_the_next",
    ),
    "verdict_by_key_id": ("tests/unit/event/test_signatures.py::test_memory_knows_keys_by_their_bytes",),
    "version_gap_admitted": ("tests/unit/ledger/test_admission.py::test_stream_version",),
    "vote_before_commit": ("tests/unit/services/validator/test_core.py::test_nothing_is_published_before_the_commit",),
    "vote_for_another_root": (
        "tests/unit/services/validator/test_voting.py::test_a_found_vote_for_something_else_stops",
    ),
}


@pytest.fixture
def copy(tmp_path):
    """The tree as it stands here, to be broken; compiled files come along and are made anew for what changes."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=HALF_WRITTEN)
        else:
            shutil.copy2(source, tree / name)
    return tree


@pytest.fixture
def run_finders(request, copy):
    """Runs tests in the copy; those that need Postgres share the session's, each in a database of its own."""

    def run(finders):
        given = {}
        if any(finder.startswith(NEEDS_SERVERS) for finder in finders):
            given["DATABASE_URL"] = request.getfixturevalue("postgres_server").admin_dsn
        here = os.pathsep.join((str(copy / "shared"), str(copy)))
        return subprocess.run(
            [sys.executable, "-m", "pytest", *finders, "-x", "-q", "-p", "no:cacheprovider"],
            cwd=copy,
            env=os.environ | given | {"PYTHONPATH": here},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )

    return run


def apply(patch, tree):
    """Change the tree as the patch says; fails where its context is not there exactly, or where it changes nothing."""
    # The copy may lie inside another repository, in which git would look for the files.
    alone = os.environ | {"GIT_CEILING_DIRECTORIES": str(tree.parent)}
    done = subprocess.run(
        ["git", "apply", "--verbose", str(patch)], cwd=tree, env=alone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{patch.name} does not apply any more; plant it anew:\n{done.stderr}"
    for path in touched(patch):
        assert (tree / path).read_bytes() != (ROOT / path).read_bytes(), f"{patch.name} left {path} as it was"


def touched(patch):
    return re.findall(r"^\+\+\+ b/(.+)$", patch.read_text(), re.MULTILINE)


def test_every_patch_stands_in_the_table_and_breaks_the_product_alone():
    patches = {path.stem: path for path in HERE.glob("*.patch")}
    assert patches.keys() == FINDERS.keys()
    for patch in patches.values():
        paths = touched(patch)
        assert paths, patch.name
        assert all(path.startswith(("shared/litopys/", "services/")) for path in paths), patch.name


def test_without_a_bug_all_of_them_pass(run_finders):
    done = run_finders(sorted({finder for finders in FINDERS.values() for finder in finders}))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(FINDERS))
def test_is_found(copy, run_finders, name):
    apply(HERE / f"{name}.patch", copy)
    done = run_finders(FINDERS[name])
    assert done.returncode == 1, f"{name} was not found\n{done.stdout}{done.stderr}"
    # An error (of a fixture, of an import) ends with 1 too, and says nothing about the bug.
    assert re.search(r"^1 failed", done.stdout.splitlines()[-1]), done.stdout
    assert " error" not in done.stdout.splitlines()[-1], done.stdout
