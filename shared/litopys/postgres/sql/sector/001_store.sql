-- The store of one sector: what it acknowledged, where that stands on its topic, and what the ledger made of it.

-- Order in which events were accepted. Not an order of commits: nothing may ever read "position > last".
create sequence event_position;

create table stream (
    subject text collate "C" primary key,
    version bigint not null,
    state bytea not null,
    -- Why commands are refused for now: a lasting rejection is being settled.
    stopped text
) with (fillfactor = 70);

-- What stands at each address. A rejected event leaves this table for rejected_event.
create table event (
    subject text collate "C" not null,
    version bigint not null,
    position bigint not null,
    partition integer not null,
    recorded_at timestamptz not null,
    value bytea not null,
    primary key (subject, version)
);
alter table event alter column value set storage external;
create unique index event_by_position on event (position);

create table rejected_event (
    position bigint primary key,
    subject text collate "C" not null,
    version bigint not null,
    partition integer not null,
    recorded_at timestamptz not null,
    value bytea not null,
    reason text not null,
    rejected_at timestamptz not null default now()
);
create index rejected_event_by_address on rejected_event (subject, version);

-- Acknowledged events whose bytes were not seen on the topic: first here, and once signed, in `signed`.
create table outbox (
    position bigint primary key,
    subject text collate "C" not null,
    version bigint not null,
    partition integer not null,
    -- What must be final before this may be published; null for most.
    cites text[],
    held boolean not null default false
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
create index outbox_held on outbox (subject) where held;
create index outbox_ready on outbox (position) where not held;

create table signed (
    position bigint primary key,
    subject text collate "C" not null,
    version bigint not null,
    partition integer not null,
    line bytea not null
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
create index signed_by_subject on signed (subject);

-- Where an event of this store stands on the topic; more than once where bytes were published again.
create table publication (
    partition integer not null,
    "offset" bigint not null,
    position bigint not null,
    primary key (partition, "offset")
);
create index publication_by_position on publication (position);

-- Records of the own topic that this store did not write and has not taken in.
create table foreign_record (
    partition integer not null,
    "offset" bigint not null,
    subject text collate "C" not null,
    version bigint not null,
    value bytea not null,
    primary key (partition, "offset")
);
create index foreign_record_by_address on foreign_record (subject, version);

-- How far the own topic was read, and which topic that was.
create table follow_position (
    partition integer primary key,
    "offset" bigint not null
);
create table follow_identity (
    only_one boolean primary key default true check (only_one),
    cluster_id text not null,
    topic text not null,
    topic_id text not null
);
-- Display only: offsets that some block names.
create table sealed_end (
    partition integer primary key,
    "offset" bigint not null
);

-- Verdicts: which offsets of the own topic are under a final checkpoint, from which index on, and which were refused.
create table final_range (
    partition integer not null,
    end_offset bigint not null,
    first_offset bigint not null,
    height bigint not null,
    first_index bigint not null,
    primary key (partition, end_offset)
);
create table rejection (
    partition integer not null,
    "offset" bigint not null,
    reason text not null,
    settled boolean not null default false,
    primary key (partition, "offset")
);
create index rejection_open on rejection (partition, "offset") where not settled;
create table final_block (
    height bigint primary key,
    block_index bigint not null,
    final_at timestamptz not null default now()
);

-- Personal fields. Erasing sets `disclosure` to null and keeps that there was one.
create table disclosure (
    subject text collate "C" not null,
    version bigint not null,
    digest text collate "C" not null,
    person text not null,
    name text not null,
    is_open boolean not null,
    disclosure text,
    erased_at timestamptz,
    primary key (subject, version, digest)
);
create index disclosure_by_person on disclosure (person);

-- A key that makes digests of payloads and rows useless outside this database.
create table digest_key (
    only_one boolean primary key default true check (only_one),
    key bytea not null
);

create table idempotency (
    actor text not null,
    key text not null,
    payload_digest bytea not null,
    subject text collate "C" not null,
    version bigint not null,
    made_at timestamptz not null default now(),
    primary key (actor, key)
);
create index idempotency_by_age on idempotency (made_at);

-- Imports: one row a run, one row a source key, one row a remark of the report.
create table import_run (
    id text primary key,
    importer text not null,
    register text not null,
    file_key bytea not null,
    next_number bigint not null,
    next_offset bigint not null,
    counts jsonb not null,
    -- All events of the run lie between these, among those of others.
    first_position bigint,
    last_position bigint,
    opened_at timestamptz not null default now(),
    read_at timestamptz,
    closed_at timestamptz
);
create unique index import_run_open on import_run (importer, file_key) where closed_at is null;
create table import_row (
    register text not null,
    source_key text collate "C" not null,
    content_digest bytea not null,
    subject text collate "C" not null,
    run text not null,
    primary key (register, source_key)
);
create table import_remark (
    run text not null references import_run,
    number bigint not null,
    nth integer not null,
    reason text not null,
    done text not null,
    primary key (run, number, nth)
);
