"""What can go wrong, sorted by what has to be done about it.

Every error of the library has one of three fates:

* reject: the input is at fault and will be tomorrow (`Malformed`, `VerificationFailed`, `RuleViolated`);
* retry with back-off: the world is at fault for now (`Conflict`, `Unavailable`);
* stop and keep the evidence: somebody lied or bytes are missing (`Halted`).

A room subclasses one of these where its callers must tell two cases apart.
"""


class LitopysError(Exception):
    """Root of every error that this library raises on purpose."""


class Malformed(LitopysError):
    """Bytes or values do not follow their format; fate: reject."""


class VerificationFailed(LitopysError):
    """A signature, digest, proof or quorum does not hold; fate: reject."""


class RuleViolated(LitopysError):
    """A rule refused: `code` is a stable name for programs, `detail` a sentence for people; fate: reject."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Keep the code and the detail as attributes; both appear in the message."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Conflict(LitopysError):
    """Somebody else was first (an expected version, a lock); fate: read again and retry."""


class Unavailable(LitopysError):
    """A part that is needed does not answer now; fate: retry with back-off."""


class Halted(LitopysError):
    """Integrity is broken: equivocation, a gap, a changed topic; fate: stop and keep the evidence."""
