-- The key is there before the first process serves, so that none has to make it: 244 bits of the server's own randomness.
insert into digest_key (key)
values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')) on conflict do nothing;
