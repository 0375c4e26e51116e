import { type Kysely, sql } from 'kysely'

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of [...workers, ...recordings, ...renders]) await sql.raw(statement).execute(database)
}

const workers = [
  `create table workers (
    id text not null,
    role text not null,
    capacity int not null,
    beat_at timestamptz not null default now(),
    primary key (id, role)
  )`,
]

const recordings = [
  `create table recordings (
    id text primary key,
    room text not null,
    state text not null default 'starting'
      check (state in ('starting', 'recording', 'processing', 'ready', 'failed')),
    created_at timestamptz not null default date_trunc('milliseconds', now()),
    started_at timestamptz,
    stopped_at timestamptz,
    ended_at timestamptz,
    wants_pause boolean not null default false,
    is_paused boolean not null default false,
    end_reason text,
    error text,
    duration_ms bigint,
    progress real not null default 0,
    bucket text not null,
    picture jsonb not null,
    key text,
    size_bytes bigint,
    tracks jsonb not null default '[]',
    captured_at timestamptz,
    engine_id text,
    tracks_deleted_at timestamptz,
    deleted_at timestamptz,
    claimed_by text,
    lease_until timestamptz
  )`,
  `create unique index recordings_active on recordings (room)
    where state in ('starting', 'recording') and deleted_at is null`,
  `create index recordings_to_capture on recordings (created_at)
    where captured_at is null and state in ('starting', 'recording', 'processing')`,
  `create index recordings_of_engine on recordings (created_at)
    where engine_id is not null and captured_at is null`,
  'create index recordings_newest on recordings (created_at desc, id desc)',
  'create index recordings_of_room on recordings (room, created_at desc, id desc)',
  'create index recordings_of_state on recordings (state, created_at desc, id desc)',
  'create index recordings_ended on recordings (ended_at) where deleted_at is null',
  `create index recordings_with_tracks on recordings (ended_at)
    where tracks_deleted_at is null and deleted_at is null`,
  'create index recordings_deleted on recordings (deleted_at) where deleted_at is not null',
]

const renders = [
  `create table renders (
    recording_id text not null references recordings (id) on delete cascade,
    name text not null,
    kind text not null check (kind in ('chunk', 'file', 'extra', 'clearing')),
    state text not null default 'queued' check (state in ('queued', 'done', 'failed')),
    from_ms bigint not null,
    until_ms bigint not null,
    is_last boolean not null default false,
    layout text not null,
    created_at timestamptz not null default now(),
    done_at timestamptz,
    tries int not null default 0,
    next_at timestamptz not null default now(),
    progress real not null default 0,
    size_bytes bigint,
    duration_ms double precision,
    fault text,
    claimed_by text,
    lease_until timestamptz,
    primary key (recording_id, name)
  )`,
  "create index renders_queued on renders (next_at) where state = 'queued'",
  "create index renders_done on renders (kind, done_at) where state <> 'queued'",
]
