-- A validator's database: what it checked, what it stored, what it signed. Bytes are kept as they arrived.
-- `audit` recomputes all of it from `entry.body`, `block.note` and `rejection`; every other column is derived from those.

-- What this database belongs to, for ever. A row with another value is a reason to stop, never to overwrite.
create table identity (
    one boolean primary key default true check (one),
    origin text not null,
    network_digest bytea not null,
    validator text not null,
    cluster_id text
);

create table topic (
    topic text primary key,
    topic_id text not null
);

-- Kafka: the next offset to be read, committed together with what the reading produced.
create table position (
    topic text not null,
    partition integer not null,
    next_offset bigint not null,
    primary key (topic, partition)
) with (fillfactor = 70);

create table block (
    height bigint primary key,
    note bytea not null,                -- the sealer's signed note
    text_hash bytea not null,           -- SHA-256 of the note's text: the `previous` of the next block
    blocks_offset bigint,               -- where it stands on the blocks topic; null where taken from a peer that did not say
    first_index bigint not null,
    size bigint not null unique,        -- tree size after it; its block entry is the leaf size - 1
    root bytea not null,
    rejected integer not null,
    stored_at timestamptz not null default now()
);

-- The leaves. `previous` is the index of the entry before it in its stream, null for a stream's first and for block entries:
-- it replaces an index by (stream, version), which would be random and as large as the data.
create table entry (
    index bigint not null,
    body bytea not null,
    previous bigint,
    primary key (index)
) partition by range (index);
alter table entry alter column body set storage external;

-- tlog-tiles: up to 256 hashes of 32 bytes. Full ones never change; the right edge grows with every block.
create table tile (
    level smallint not null,
    index bigint not null,
    hashes bytea not null check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0),
    primary key (level, index)
);
alter table tile alter column hashes set storage external;

-- The only random index of the ledger. Room is left in the pages so that an update of a state stays in its page.
create table stream (
    subject text collate "C" primary key,
    version bigint not null,
    last_index bigint not null,
    state bytea not null
) with (fillfactor = 70);

-- Refused records, whole: another validator or an auditor can judge them again.
create table rejection (
    height bigint not null,
    number integer not null,            -- line of the block's list, from 0
    sector text not null,
    partition integer not null,
    "offset" bigint not null,
    reason text not null,
    signature bytea not null,
    value bytea not null,
    subject text collate "C",           -- where the record says whose event it would have been
    version bigint,
    primary key (height, number)
);
create index rejection_of_address on rejection (subject, version) where subject is not null;

-- One vote a height and one a size. A row with no height was found outside (Kafka, a peer) before the block was recomputed.
create table vote (
    size bigint primary key,
    height bigint unique,
    root bytea not null,
    line text not null,                 -- our signature line, as published under origin, size and root
    found boolean not null default false
);

-- Valid cosignatures as they were seen, ours and the others'; more than one root at a size by one validator is evidence.
create table cosignature (
    size bigint not null,
    validator text not null,
    root bytea not null,
    timestamp_s bigint not null,
    line text not null,                 -- signature line without its newline
    primary key (size, validator, root)
);
create index cosignature_of_validator on cosignature (validator, size);

-- The log key's line over a body; two roots at one size are evidence.
create table log_signature (
    size bigint not null,
    root bytea not null,
    line text not null,
    primary key (size, root)
);

-- A quorum stood on this body, and it is ours.
create table final_checkpoint (
    size bigint primary key,
    height bigint not null unique,
    root bytea not null,
    at timestamptz not null default now()
);

-- Proofs of lies, kept for people: the raw bytes that contradict each other. The digest makes a repeated find one row.
create table evidence (
    digest bytea primary key,
    found_at timestamptz not null default now(),
    kind text not null,
    who text not null,
    size bigint,
    detail text not null,
    first bytea not null,
    second bytea not null
);
create index evidence_in_time on evidence (found_at);
