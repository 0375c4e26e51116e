import { createBatching } from '../database/batching.ts'
import { problems } from '../http/problem.ts'
import { activeBan, type Credential, isRevoked, type Standing } from './standing.ts'
import type { BanStore, Subject } from './store.ts'

interface BanServiceOptions {
  store: BanStore
  now: () => Date
}

/** Kicks that stick: what was issued before a kick is void, and a ban refuses new tokens until it ends. */
export function createBanService({ store, now }: BanServiceOptions) {
  const standingOf = createBatching<Subject, Standing | undefined>(store.find)

  return {
    /** Voids every token issued so far for this identity and room, and refuses new ones for `banSeconds` (Infinity: for ever). */
    kick: (subject: Subject, banSeconds: number) => store.record(subject, banSeconds),

    /** Throws `participant-banned` under a ban; otherwise gives the epoch that a new token must carry. */
    async admit(subject: Subject): Promise<string> {
      const standing = await standingOf(subject)
      const ban = activeBan(standing, now())
      if (ban) throw problems.participantBanned(ban.until)
      return String(standing?.epoch ?? 0)
    },

    /** Throws `participant-banned` when the credential is from before a kick, or its holder is banned. */
    async check(subject: Subject, credential: Credential): Promise<void> {
      const standing = await standingOf(subject)
      const ban = activeBan(standing, now())
      if (ban) throw problems.participantBanned(ban.until)
      if (isRevoked(credential, standing)) throw problems.participantRemoved()
    },
  }
}

export type BanService = ReturnType<typeof createBanService>
