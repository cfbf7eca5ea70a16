import pytest

from litopys.errors import Conflict, Halted, LitopysError, Malformed, RuleViolated, Unavailable, VerificationFailed
from litopys.service import problems
from litopys.service.problems import problem_of, problem_response


class Narrow(Unavailable):
    """A subclass that the table does not name."""


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed("x"), 400),
        (VerificationFailed("x"), 502),
        (RuleViolated("code", "x"), 422),
        (Conflict("x"), 409),
        (problems.PreconditionFailed("x"), 412),
        (problems.PreconditionMissing("x"), 428),
        (problems.KeyReused("x"), 422),
        (problems.NotFound("x"), 404),
        (problems.Unauthenticated("x"), 401),
        (problems.Forbidden("x"), 403),
        (Narrow("x"), 503),
        (Halted("x"), 500),
        (LitopysError("x"), 500),
        (ValueError("x"), 500),
    ],
)
def test_the_nearest_class_decides(error, status):
    assert problem_of(error).status == status


def test_every_problem_has_its_own_type():
    slugs = [problem.slug for problem in problems.PROBLEMS.values()]
    assert len(set(slugs)) == len(slugs)


def test_unavailable_says_when_to_come_again():
    assert problem_response(problem_of(Unavailable("x"))).headers["retry-after"] == "2"


def test_a_document_has_the_members_of_rfc_9457():
    answer = problem_response(problem_of(RuleViolated("a", "b")), detail="b", code="a")
    assert answer.media_type == "application/problem+json"
    assert answer.body == (
        b'{"type":"urn:litopys:problem:refused","title":"A rule refuses this","status":422,"detail":"b","code":"a"}'
    )
