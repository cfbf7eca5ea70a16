-- Imports that know more of what they read: several streams a row, which mapping a row was read by, what vanished.

-- One import of a register at a time: two that overlap would each take the other's rows for vanished.
update import_run r set closed_at = now()
where closed_at is null
  and exists (select from import_run n where n.register = r.register and n.closed_at is null
              and (n.opened_at, n.id) > (r.opened_at, r.id));
drop index import_run_open;
create unique index import_run_open on import_run (register) where closed_at is null;
alter table import_run
    add column mapping_version integer not null default 1,
    -- The day that the export describes; empty where an earlier build did not keep it.
    add column as_of text not null default '',
    -- How many records the export was counted to have; null where nobody counted.
    add column announced bigint,
    -- The export ends in the middle of a record: what is not in it may be in what is missing.
    add column is_cut boolean not null default false,
    add column vanished bigint;
create index import_run_by_register on import_run (register, as_of);

-- A row may speak of several streams: known by its source key in each of them. `seen` are the contents with which the
-- newest run met the key, 36 bytes each: a keyed digest and the mapping version; `before` those of the run before.
alter table import_row
    add column aggregate text collate "C",
    add column seen bytea,
    add column before bytea not null default '',
    -- The run that first missed the key; null while exports have it.
    add column vanished_in text;
update import_row set aggregate = split_part(subject, ':', 1), seen = content_digest || int4send(1);
alter table import_row
    alter column aggregate set not null,
    alter column seen set not null,
    drop column content_digest,
    drop constraint import_row_pkey,
    add primary key (register, source_key, aggregate);

-- `nth` orders the lines of one row.
alter table import_remark
    add column "offset" bigint not null default 0,
    add column source_key text not null default '';
