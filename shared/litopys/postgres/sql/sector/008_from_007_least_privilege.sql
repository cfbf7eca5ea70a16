-- What is final cannot be changed by the role as which the sector works: it is granted no UPDATE and no DELETE there
-- (litopys/postgres/grants.py). Taking a refused event from its address is left to a function of the owner.

-- Refused for good, and kept with the reason. An event that is final, that is: of which a copy stands at a final offset
-- that was not refused, stays where it is.
create function reject_events(stream text, versions bigint[], why text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if exists (
        select from event e join publication q using (position)
        where e.subject = stream and e.version = any (versions)
          and q."offset" < coalesce((select max(f.end_offset) from final_range f where f.partition = q.partition), 0)
          and not exists (select from rejection z where z.partition = q.partition and z."offset" = q."offset"))
    then
        raise exception 'an event of % is final and stays', stream using errcode = 'insufficient_privilege';
    end if;
    with gone as (delete from event where subject = stream and version = any (versions) returning *)
    insert into rejected_event (position, subject, version, partition, recorded_at, value, reason)
    select position, subject, version, partition, recorded_at, value, why from gone;
end $$;
revoke execute on function reject_events(text, bigint[], text) from public;
