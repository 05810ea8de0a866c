/**
 * What is stored names items of the content, and an item may get another name. Seen through this, everything names it as it is called
 * now. Journals see to it by themselves.
 */
import type { Storage } from './types.ts'

/** @param nameOf the present name of `question:pod/probes`, `lesson:…`, `challenge:…`; the same name when it has not changed */
export function underPresentNames(storage: Storage, nameOf: (item: string) => string): Storage {
  const { itemLocks } = storage
  return {
    ...storage,
    itemLocks: {
      ...itemLocks,
      list: async (onUnreadable) =>
        (await itemLocks.list(onUnreadable)).map((lock) => ({ ...lock, items: lock.items.map(nameOf) })),
    },
  }
}
