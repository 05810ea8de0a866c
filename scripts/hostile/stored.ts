/** Whether all that a server stored can be read again. */
import { createStorage } from '../../server/storage/aggregates.ts'
import type { DocumentKind, DocumentStore, Documents } from '../../server/storage/documents.ts'
import { createLowdbStore } from '../../server/storage/lowdb.ts'

/** @returns a line for each document that cannot be read @throws DataFolderLocked while a server has the folder */
export async function unreadableDocuments(folder: string): Promise<string[]> {
  const problems: string[] = []
  const store = await createLowdbStore({ folder, onProblem: (message) => problems.push(message) })
  const collections: { name: string; documents: Documents<unknown> }[] = []
  const noting: DocumentStore = {
    documents<T>(kind: DocumentKind<T>) {
      const documents = store.documents(kind)
      collections.push({ name: kind.name, documents: documents as Documents<unknown> })
      return documents
    },
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
