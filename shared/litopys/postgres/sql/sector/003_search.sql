-- What a stream is found by in its present state. A table of its own: it changes far less often than `stream`, and
-- aggregates that nobody searches have no rows.
create table search_entry (
    subject text collate "C" primary key,
    -- `<aggregate>.<name>=<value>`, compared as they are.
    terms text[] not null,
    -- Stems, made by the service: no dictionary of the server takes part.
    words tsvector not null,
    -- Ids of the persons who count now.
    persons text[] not null
) with (fillfactor = 80);
-- What is not sorted into the index yet is read through by every look-up, so that must stay little.
create index search_entry_terms_words on search_entry using gin (terms, words) with (gin_pending_list_limit = 256);

-- With which version of its search each aggregate was indexed; one that lags is indexed anew.
create table search_built (
    aggregate text primary key,
    version integer not null
);

-- A person is looked up by a keyed digest of field and value. It goes with the disclosure.
alter table disclosure add column lookup bytea,
    add constraint disclosure_erased_is_not_found check (disclosure is not null or lookup is null);
create index disclosure_by_lookup on disclosure (lookup) where lookup is not null;
