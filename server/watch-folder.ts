/**
 * Tells of every save below a folder. Node's own recursive watch follows files, and loses one for good when an editor saves it by
 * putting a new file in its place; so each folder is watched for itself.
 */
import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join } from 'node:path'

/** @param onChange also told several times of one save */
export function watchFolder(folder: string, onChange: () => void): { close(): void } {
  const watchers = new Map<string, FSWatcher>()

  const look = (path: string): void => {
    const inside = foldersIn(path)
    if (!inside) {
      watchers.get(path)?.close()
      watchers.delete(path)
      return
    }
    if (!watchers.has(path)) {
      const watcher = watch(path, () => {
        look(path)
        onChange()
      })
      // Removed while it is watched: the folder around it is told.
      watcher.on('error', () => look(path))
      watchers.set(path, watcher)
    }
    for (const name of inside) if (!watchers.has(join(path, name))) look(join(path, name))
  }

  look(folder)
  return {
    close: () => {
      for (const watcher of watchers.values()) watcher.close()
    },
  }
}

/** Undefined for one that is not there. */
function foldersIn(path: string): string[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
