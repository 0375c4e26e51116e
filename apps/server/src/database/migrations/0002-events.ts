import { type Kysely, sql } from 'kysely'

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of [...inbox, ...ledger, ...sessions, ...webhooks, ...clearing])
    await sql.raw(statement).execute(database)
}

const inbox = [
  `create table inbox (
    id bigint generated always as identity primary key,
    livekit_id text not null unique,
    body text not null,
    received_at timestamptz not null default now(),
    processed_at timestamptz,
    fault text
  )`,
  'create index inbox_waiting on inbox (id) where processed_at is null',
]

const ledger = [
  `create table events (
    position bigint generated always as identity primary key,
    id text not null unique,
    type text not null,
    room text not null,
    sequence bigint not null,
    body text not null,
    recorded_at timestamptz not null default clock_timestamp(),
    unique (room, sequence)
  )`,
  'create index events_of_room on events (room, position)',
  'create index events_by_time on events (recorded_at)',
  'create table room_sequences (room text primary key, last bigint not null)',
  `create function keep_event() returns trigger language plpgsql as
    $$ begin
      if tg_op = 'DELETE' and old.recorded_at < now() - interval '90 days' then return old; end if;
      raise exception 'the ledger is append-only';
    end $$`,
  `create trigger events_append_only before update or delete on events
    for each row execute function keep_event()`,
]

const sessions = [
  `create table sessions (
    sid text primary key,
    room text not null,
    info jsonb not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    present int not null,
    peak int not null,
    seen_at timestamptz not null
  )`,
  'create index sessions_open on sessions (sid) where ended_at is null',
  'create index sessions_ended on sessions (ended_at) where ended_at is not null',
  'create index sessions_newest on sessions (started_at desc, sid desc)',
  'create index sessions_of_room on sessions (room, started_at desc, sid desc)',
  `create table session_participants (
    sid text primary key,
    session text not null,
    stage text not null check (stage in ('unseen', 'present', 'left', 'nobody')),
    identity text not null,
    info jsonb not null,
    joined_at timestamptz,
    left_at timestamptz,
    tracks text[] not null,
    waiting jsonb not null,
    seen_at timestamptz not null
  )`,
  'create index session_participants_of_session on session_participants (session)',
  "create index session_participants_there on session_participants (session) where stage in ('unseen', 'present')",
]

const webhooks = [
  `create table webhooks (
    id text primary key,
    url text not null,
    events text[] not null,
    sealed_secret bytea not null,
    sealed_old_secret bytea,
    old_secret_until timestamptz,
    status text not null default 'active' check (status in ('active', 'disabled')),
    disabled_reason text,
    failing_since timestamptz,
    failures int not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  // A claim writes no indexed column, so that it can stay in its page.
  `create table deliveries (
    webhook_id text not null,
    position bigint not null,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'failed')),
    tries int not null default 0,
    next_at timestamptz not null default now(),
    claimed_by text,
    lease_until timestamptz,
    attempts jsonb not null default '[]',
    created_at timestamptz not null default now(),
    primary key (webhook_id, position)
  ) with (fillfactor = 70)`,
  "create index deliveries_due on deliveries (webhook_id, next_at) where state = 'pending'",
  "create index deliveries_open on deliveries (webhook_id, state, position) where state <> 'delivered'",
  'create table deleted_webhooks (id text primary key, deleted_at timestamptz not null default now())',
]

// Rows of these are changed soon after they are made: what is dead is cleared by number, not by share of the whole.
const clearing = ['inbox', 'deliveries'].map(
  (table) => `alter table ${table} set (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000)`,
)
