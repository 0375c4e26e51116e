import type { FollowEvents } from '../sessions/tracker.ts'
import { follow, ingressesIn } from './following.ts'
import { changeOf, findIngresses } from './store.ts'

/** Follows the streams of endpoints by what happens in rooms, in the transaction that records it. */
export const followIngresses: FollowEvents = async (database, happened) => {
  const ids = ingressesIn(happened)
  const known = ids.length === 0 ? [] : await findIngresses(database, ids)
  if (known.length === 0) return { events: happened, changes: [] }
  const { events, changed } = follow(known, happened)
  return { events, changes: changed.length === 0 ? [] : [changeOf(changed)] }
}
