/** The tables as the first release made them, with rows in them; `text` is what the database calls text compared by its bytes. */
export const firstSchema = (text: string): readonly string[] => [...tables(text), ...rows]

/** What the first release writes for a new user: it may still run while the next one has opened the database. */
export const firstInsert = (id: string): string =>
  `insert into latchkey_users (id, username, email, active, admin, permissions, created_at, password_hash)
   values ('${id}', 'name-${id}', null, 1, 0, '["posts:read"]', 1700000000, 'hash')`

/** How many users there are. */
export const CROWD = 300

const single = 'id integer primary key check (id = 1)'

const tables = (text: string): readonly string[] => [
  `create table latchkey_schema (${single}, version integer not null)`,
  `create table latchkey_counter (${single}, stamp bigint not null)`,
  `create table latchkey_epochs (scope ${text} not null, "row" ${text} not null, key ${text} not null,
     stamp bigint not null, until bigint not null, constraint latchkey_epochs_key primary key (scope, "row", key))`,
  'create index latchkey_epochs_stamp on latchkey_epochs (stamp)',
  'create index latchkey_epochs_until on latchkey_epochs (until)',
  `create table latchkey_sessions (id ${text} not null primary key, user_id ${text} not null, seed ${text} not null,
     secret_id ${text} not null, stamp bigint not null, generation bigint not null, rotated_at bigint not null,
     created_at bigint not null, authenticated_at bigint not null, last_seen_at bigint not null,
     expires_at bigint not null, idle_seconds bigint not null, ended_at bigint, ended_by ${text}, device ${text},
     address ${text}, scope ${text})`,
  'create index latchkey_sessions_user_id on latchkey_sessions (user_id)',
  'create index latchkey_sessions_ended_at on latchkey_sessions (ended_at)',
  'create index latchkey_sessions_expires_at on latchkey_sessions (expires_at)',
  `create table latchkey_users (id ${text} not null primary key, username ${text} not null unique, email ${text} unique,
     active integer not null, admin integer not null, permissions ${text} not null, created_at bigint not null,
     password_hash ${text})`,
  `create table latchkey_bootstrap (${single}, nonce ${text} not null, used integer not null)`,
  `create table latchkey_keyring (${single}, version bigint not null, sealed ${text} not null)`,
  `create table latchkey_secrets (id ${text} not null primary key, known_since bigint not null)`,
]

const rows: readonly string[] = [
  'insert into latchkey_schema values (1, 1)',
  'insert into latchkey_counter values (1, 1800000000001)',
  `insert into latchkey_epochs values ('user', 'self', 'u7', 1800000000001, 4000000000)`,
  `insert into latchkey_sessions values ('s1', 'u1', 'seed', 'k1', 0, 4, 1800000000, 1799999000, 1799999000, 1800000000,
     1800003600, 3600, null, null, 'Firefox', '::1', 'a b')`,
  `insert into latchkey_bootstrap values (1, 'nonce', 1)`,
  `insert into latchkey_keyring values (1, 3, 'sealed')`,
  `insert into latchkey_secrets values ('k1', 0)`,
  `insert into latchkey_users values ('root', 'root', 'root@example.com', 1, 1, '[]', 1700000000, 'hash')`,
  `insert into latchkey_users values ('gone', 'ß\u{1f600}', null, 0, 0, '["a \\"b\\""]', 1700000000, null)`,
  ...Array.from({ length: CROWD - 2 }, (_, index) => firstInsert(`u${index}`)),
]
