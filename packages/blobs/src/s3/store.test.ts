import { startS3Server } from '@rtcstack/testkit'
import { describe } from 'vitest'
import { describeBlobStore } from '../conformance.ts'
import { createS3BlobStore } from './store.ts'
import { whereThereIsS3 } from './testing.ts'

describe.skipIf(!whereThereIsS3)('with a real server', () => {
  describeBlobStore('S3', async () => {
    const server = await startS3Server()
    const store = createS3BlobStore({ ...server, bucket: 'recordings' })
    return { store, origin: 'http://not.used', close: server.stop }
  })
})
