import { type Kysely, sql } from 'kysely'

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of ingresses) await sql.raw(statement).execute(database)
}

const ingresses = [
  `create table ingresses (
    id text primary key,
    room text not null,
    type text not null check (type in ('rtmp', 'whip')),
    identity text not null,
    name text not null,
    key_digest bytea not null unique,
    sealed_key bytea not null,
    created_at timestamptz not null default now(),
    deleted_at timestamptz,
    participant_sid text,
    room_sid text,
    started_at timestamptz,
    ended_at timestamptz,
    tracks jsonb not null default '[]',
    error text not null default '',
    updated_at timestamptz not null default now()
  )`,
  // Two streams under one identity would throw each other out of the room.
  'create unique index ingresses_of_room on ingresses (room, identity) where deleted_at is null',
  'create index ingresses_deleted on ingresses (deleted_at) where deleted_at is not null',
]
