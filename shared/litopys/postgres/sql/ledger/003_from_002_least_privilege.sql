-- What is final cannot be changed by the role as which the validator works: it is granted no UPDATE and no DELETE
-- (litopys/postgres/grants.py). What it must do beyond its grants it does by functions of the owner.

-- Makes tables for the entries around `size` and for those after them. Only as far as the tree can have grown: a block is
-- smaller than a partition.
create function ensure_entry_partitions(size bigint) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    width constant bigint := 1 << 24;
    stored constant bigint := coalesce((select max(b.size) from block b), 0);
begin
    if size < 0 or size > stored + width then
        raise exception 'entries at % are not to come after %', size, stored;
    end if;
    for number in size / width .. size / width + 1 loop
        continue when to_regclass('public.entry_' || number) is not null;
        -- ATTACH of a ready table takes a weaker lock than PARTITION OF: readers are not held up.
        -- Rows of up to 4080 bytes, two to a page, stay in their page: cut into pieces they cost twice.
        execute format(
            'create table public.entry_%s (like public.entry including all) with (toast_tuple_target = 4080)', number);
        execute format(
            'alter table public.entry attach partition public.entry_%s for values from (%s) to (%s)',
            number, number * width, (number + 1) * width);
    end loop;
end $$;
revoke execute on function ensure_entry_partitions(bigint) from public;

-- The right edge of the tree grows with every block; what a tile once had, it keeps.
create function check_tile_grows() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if substring(new.hashes for length(old.hashes)) is distinct from old.hashes
        and not pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage')
    then
        raise exception 'tile % of level % only grows', old.index, old.level using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger tile_grows before update on tile for each row execute function check_tile_grows();
