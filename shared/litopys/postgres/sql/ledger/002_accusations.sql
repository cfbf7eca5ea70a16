-- Whom evidence accuses is told by its kind now (litopys/ledger/evidence.py). What was kept under two kinds before named
-- the loser of a race as if it had signed twice, and the validator whose name somebody else had written.
create temporary table told_anew on commit drop as
select digest as old_digest, found_at, detail, first, second, size,
    case when kind = 'two-blocks' and position(convert_to('— ' || who || ' ', 'UTF8') in second) = 0 then 'lost-race'
        else kind end as kind,
    case when kind = 'wrong-key' then '' else who end as who
from evidence where kind in ('two-blocks', 'wrong-key');

update told_anew set size = split_part(convert_from(first, 'UTF8'), E'\n', 2)::bigint where kind = 'wrong-key';

delete from evidence where digest in (select old_digest from told_anew);

insert into evidence (digest, found_at, kind, who, size, detail, first, second)
select sha256(convert_to(kind || E'\n' || who || E'\n', 'UTF8')
        || least(sha256(first), sha256(second)) || greatest(sha256(first), sha256(second))),
    found_at, kind, who, size, detail, first, second
from told_anew on conflict do nothing;
