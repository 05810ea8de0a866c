/**
 * What learners keep names items of the content, and an item may get another name. Seen through this, everything that is stored names
 * it as it is called now; it is written so with its next change.
 */
import type { Mock, Storage } from './types.ts'

/** @param nameOf the present name of `question:pod/probes`, `lesson:…`, `challenge:…`; the same name when it has not changed */
export function underPresentNames(storage: Storage, nameOf: (item: string) => string): Storage {
  const idOf = (kind: 'question', id: string) => nameOf(`${kind}:${id}`).slice(kind.length + 1)
  const mock = (one: Mock): Mock => ({
    ...one,
    items: one.items.map((item) => ({ ...item, questionId: idOf('question', item.questionId) })),
  })
  const { mocks, itemLocks } = storage
  return {
    ...storage,
    itemLocks: {
      ...itemLocks,
      list: async () => (await itemLocks.list()).map((lock) => ({ ...lock, items: lock.items.map(nameOf) })),
    },
    mocks: {
      find: async (who, id) => ifThere(await mocks.find(who, id), mock),
      listOf: async (who, onUnreadable) => (await mocks.listOf(who, onUnreadable)).map(mock),
      create: (one) => mocks.create(one),
      put: (who, id, change) => mocks.put(who, id, (one) => change(ifThere(one, mock))),
      update: (who, id, change) => mocks.update(who, id, (one) => change(mock(one))),
      remove: (who, id) => mocks.remove(who, id),
      removeOf: (who) => mocks.removeOf(who),
    },
  }
}

const ifThere = <T>(one: T | undefined, map: (one: T) => T): T | undefined => (one === undefined ? undefined : map(one))
