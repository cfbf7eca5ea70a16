-- An export may cover one part of a register, such as one region: what other parts have has not vanished then.
-- Empty: the whole register.
alter table import_run add column part text collate "C" not null default '';
alter table import_row add column part text collate "C" not null default '';
