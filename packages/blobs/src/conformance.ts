import { afterAll, beforeAll, describe } from 'vitest'
import type { BlobStore } from './blob-store.ts'
import { contentPromises } from './conformance/content.ts'
import { keyPromises } from './conformance/keys.ts'
import { largePromises } from './conformance/large.ts'
import { linkPromises } from './conformance/links.ts'
import { listPromises } from './conformance/lists.ts'

/** A store to try: empty, and not made ready yet. */
export interface StoreUnderTest {
  store: BlobStore
  /** What links are to begin with, for a store whose links are served by us. */
  origin: string
  close(): Promise<void>
}

/** What every store promises, tried on one. */
export function describeBlobStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let opened: StoreUnderTest | undefined
    beforeAll(async () => {
      opened = await open()
      await opened.store.prepare()
    })
    afterAll(() => opened?.close())
    const current = () => {
      if (!opened) throw new Error('the store is not open')
      return opened
    }
    const store = () => current().store
    contentPromises(store)
    largePromises(store)
    keyPromises(store)
    listPromises(store)
    linkPromises(store, () => current().origin)
  })
}
