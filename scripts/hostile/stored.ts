/** Whether all that a server stored can be read again. */
import { createStorage } from '../../server/storage/aggregates.ts'
import type { DocumentKind, Documents } from '../../server/storage/documents.ts'
import { documentJobs } from '../../server/storage/jobs.ts'
import { localLeases } from '../../server/storage/leases.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'
import type { Store } from '../../server/storage/store.ts'
import { documentStreams } from '../../server/storage/streams.ts'

/** @returns a line for each document that cannot be read @throws DataFolderLocked while a server has the folder */
export async function unreadableDocuments(folder: string): Promise<string[]> {
  const problems: string[] = []
  const store = await createLowdbStore({ folder, onProblem: (message) => problems.push(message) })
  const collections: { name: string; documents: Documents<unknown> }[] = []
  const documents = <T>(kind: DocumentKind<T>): Documents<T> => {
    const opened = store.documents(kind)
    collections.push({ name: kind.name, documents: opened as Documents<unknown> })
    return opened
  }
  const leases = localLeases()
  const noting: Store = {
    documents,
    streams: (kind) => documentStreams(documents, kind, leases),
    jobs: (kind) => documentJobs(documents, kind),
    bus: store.bus,
    leases,
    healthy: () => store.healthy(),
    close: () => store.close(),
  }
  const storage = createStorage(noting)
  for (const { name, documents } of collections)
    for (const key of await documents.keys())
      await documents.find(key).catch((error: Error) => problems.push(`${name}/${key}: ${error.message}`))
  await storage.close()
  return problems
}
