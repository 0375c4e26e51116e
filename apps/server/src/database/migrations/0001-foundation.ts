import { type Kysely, sql } from 'kysely'

export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`create sequence ban_epochs as bigint`.execute(database)
  await sql`
    create table bans (
      room text not null,
      identity text not null,
      epoch bigint not null default nextval('ban_epochs'),
      kicked_at timestamptz not null default now(),
      banned_until timestamptz not null,
      primary key (room, identity)
    )`.execute(database)
  await sql`
    create table idempotency_keys (
      scope text not null,
      key text not null,
      fingerprint bytea not null,
      expires_at timestamptz not null,
      running_until timestamptz not null,
      status int,
      sealed bytea,
      primary key (scope, key)
    )`.execute(database)
  await sql`create index idempotency_keys_expiry on idempotency_keys (expires_at)`.execute(database)
  await sql`
    create table audit_log (
      id bigint generated always as identity primary key,
      at timestamptz not null default now(),
      actor text not null,
      action text not null,
      room text,
      target text,
      result int,
      ip text not null,
      request_id text not null
    )`.execute(database)
  await sql`
    create function refuse_change() returns trigger language plpgsql as
    $$ begin raise exception '% is append-only', tg_table_name; end $$`.execute(database)
  await sql`
    create trigger audit_log_append_only before update or delete on audit_log
    for each row execute function refuse_change()`.execute(database)
}
