"""How the ledger and each validator stand, as one number: the expressions that several pages share."""

from deploy.grafana.colours import BROKEN, FINE, UNKNOWN, WATCH
from deploy.grafana.panels import Look, Step, Word
from deploy.grafana.queries import CHECK, OURS, SEALER, SECTOR

PATIENCE_S = 60
# Two seals a second for half a minute: what a validator makes up for within seconds is not worth a word.
BEHIND_BLOCKS = 60

# Processes are not asked at the same instant: what was final a scrape ago, all of them have heard of.
AGO = "offset 20s"
_FINAL = f"scalar(max(litopys_final_height_blocks{{{CHECK}}} {AGO}))"
_MORE_THAN_TWO_THIRDS = f"3 * sum(litopys_ready_state{{{CHECK}}}) > 2 * count(up{{{CHECK}}})"
_STUCK = f"max by (name) (litopys_halted_state{{{CHECK}}}) == 1"
_UNREADY = f"max by (name) (litopys_ready_state{{{CHECK}}}) == 0"
_BEHIND = f"{_FINAL} - max by (name) (litopys_chain_height_blocks{{{CHECK}}}) > {BEHIND_BLOCKS}"

# By name: the first that holds. A validator that cannot be seen is away, for whoever looks from here.
VALIDATOR_STATE = f"""({_STUCK}) * 0 + 4
or (max by (name) (up{{{CHECK}}}) == 0)
or ({_UNREADY}) + 3
or ({_BEHIND}) * 0 + 2
or (max by (name) (up{{{CHECK}}}) == 1)"""

VALIDATOR_LOOK = Look(
    steps=(Step(None, UNKNOWN),),
    words=(
        Word(0, 0, "away", BROKEN),
        Word(1, 1, "agrees", FINE),
        Word(2, 2, "behind", WATCH),
        Word(3, 3, "not ready", WATCH),
        Word(4, 4, "STOPPED: contradiction", BROKEN),
    ),
)

# Who lost a race between sealers did nothing wrong (docs/spec/evidence.md); every other kind shows a lie.
ACCUSING = f'litopys_evidence_kept_pieces{{{CHECK}, reason!="lost-race"}}'

_HALTED = f"max(litopys_halted_state{{{OURS}}}) > 0"
_LIE = f"max({ACCUSING} - min_over_time({ACCUSING}[1d])) > 0"
_WAITS = f"max(litopys_unfinal_age_seconds{{{SECTOR}}}) > {PATIENCE_S}"
_STALLED = f"({_WAITS}) and on() min(litopys_final_age_seconds{{{CHECK}}}) > {PATIENCE_S}"
# No block for this long, while something waits: what was measured of earlier records says nothing of a new one.
STUCK_NOW = f"max(litopys_unfinal_age_seconds{{{SECTOR}}}) > 15 and on() min(litopys_final_age_seconds{{{CHECK}}}) > 15"
# Sealers that are not seen do not say that they do not lead.
_NOBODY_SEALS = f"(sum(litopys_leader_state{{{SEALER}}}) or sum(up{{{SEALER}}}) * 0) == 0"
_NO_QUORUM = f"sum(up{{{CHECK}}}) and on() absent({_MORE_THAN_TWO_THIRDS})"
_AWAY = f"count(up{{{OURS}}} == 0)"
_NOT_READY = f"count(litopys_ready_state{{{OURS}}} == 0)"
_SEEN = f"({_MORE_THAN_TWO_THIRDS}) and on() max(litopys_unfinal_age_seconds{{{SECTOR}}})"

# The first that holds. "All is well" must be seen: who sees nothing, does not say it.
LEDGER_STATE = f"""(vector(5) and on() ({_HALTED}))
or (vector(4) and on() ({_LIE}))
or (vector(3) and on() (({_STALLED}) or ({_NOBODY_SEALS}) or ({_NO_QUORUM})))
or (vector(2) and on() ({_WAITS}))
or (vector(1) and on() ({_AWAY} or {_NOT_READY}))
or (vector(0) and on() ({_SEEN}))
or vector(-1)"""

LEDGER_LOOK = Look(
    steps=(Step(None, UNKNOWN),),
    words=(
        Word(-1, -1, "Cannot see the ledger", UNKNOWN),
        Word(0, 0, "All is well", FINE),
        Word(1, 1, "Working, a part is missing", WATCH),
        Word(2, 2, "Working, but records wait", WATCH),
        Word(3, 3, "New records do not become final", BROKEN),
        Word(4, 4, "Evidence of a lie was found", BROKEN),
        Word(5, 5, "STOPPED to keep evidence", BROKEN),
    ),
)
