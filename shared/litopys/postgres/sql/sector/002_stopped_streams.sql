-- Stopped streams are looked for at every final block, and there are hardly ever any.
create index stream_stopped on stream (subject) where stopped is not null;
