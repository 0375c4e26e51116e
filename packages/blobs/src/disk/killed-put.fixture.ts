// Puts content that does not end into a store, and tells when there is some of it.
import { createDiskBlobStore } from './store.ts'

const [directory = '', key = ''] = process.argv.slice(2)
const store = createDiskBlobStore({ directory, signingKey: Buffer.alloc(32) })
const onProgress = (sentBytes: number) => {
  if (sentBytes === 4 << 20) process.stdout.write('under way')
}
await store.putFile(key, '/dev/zero', { contentType: 'video/mp4', onProgress })
