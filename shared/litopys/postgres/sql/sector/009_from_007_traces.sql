-- The traces of events that are on their way, where tracing is on: W3C trace context, beside the event and never in it.
-- A row goes when its event is final; what is left over is forgotten after a day.
create table event_trace (
    subject text collate "C" not null,
    version bigint not null,
    traceparent text not null,
    begun_at timestamptz not null default now(),
    primary key (subject, version)
);
