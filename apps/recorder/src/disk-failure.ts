import { SlowDiskError } from './append-file.ts'
import type { RecorderFailure } from './messages.ts'

/** What a recorder says of an error of the file system. */
export function diskFailureOf(error: NodeJS.ErrnoException): RecorderFailure {
  if (error instanceof SlowDiskError) return 'disk-slow'
  return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'disk-full' : 'disk-failed'
}
