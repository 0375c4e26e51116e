/** A page of a list. */
interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** All items of a list, page by page, as they are asked for. */
export async function* allPages<Item>(
  load: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await load(cursor)
    yield* items
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
}
