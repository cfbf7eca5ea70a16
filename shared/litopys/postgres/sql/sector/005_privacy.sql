-- The erasure that emptied a disclosure, `subject@version`; its event says on what ground.
alter table disclosure add column erased_by text collate "C";

-- Accesses by the object whose fields were shown. Who, office, why and which fields are disclosures of the access.
create table access_record (
    access text collate "C" primary key,
    subject text collate "C" not null,
    version bigint not null,
    recorded_at timestamptz not null
);
create index access_record_by_subject on access_record (subject, recorded_at, access);
insert into access_record (access, subject, version, recorded_at)
select e.subject, e.data ->> 'subject', (e.data ->> 'version')::bigint, e.recorded_at
from (select subject, recorded_at, convert_from(value, 'UTF8')::jsonb -> 'data' as data
      from event where subject like '%\_access:%' and version = 1
        and convert_from(value, 'UTF8')::jsonb ->> 'type' like '%\_access.granted.v1') as e;
