/** The catalog of a running server: loaded once, or again whenever a content file changes. */
import { watchFolder } from '../watch-folder.ts'
import { type CompiledOptions, compiledCatalog } from './compiled.ts'
import { printProblem } from './source.ts'
import type { Catalog } from './types.ts'

export interface LiveCatalog {
  current: () => Catalog
  close(): void
}

/**
 * @param options.compiled where a compiled catalog may be; the content itself is read while it is watched, and without
 * @throws ContentError when the content has problems at the start; later problems are told and what is good is shown.
 */
export async function liveCatalog(
  folders: readonly string[],
  options: {
    watch: boolean
    compiled?: CompiledOptions | undefined
    onProblem: (message: string) => void
    onReload?: () => void
  },
): Promise<LiveCatalog> {
  let catalog = options.watch ? await reload() : await load()
  if (!options.watch) return { current: () => catalog, close: () => {} }
  let timer: NodeJS.Timeout | undefined
  // One after the other, so that the last save is what is shown.
  let reloading = Promise.resolve()
  const again = async (): Promise<void> => {
    try {
      catalog = await reload()
      options.onReload?.()
    } catch (error) {
      // A file that went while it was read; what takes its place is a change of its own.
      options.onProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const watchers = folders.map((folder) =>
    watchFolder(folder, () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        reloading = reloading.then(again)
      }, 100)
    }),
  )
  return {
    current: () => catalog,
    close: () => {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }

  async function load(): Promise<Catalog> {
    if (options.compiled) return compiledCatalog(folders, options.compiled)
    const { loadCatalogOrThrow } = await import('./load.ts')
    return loadCatalogOrThrow(folders)
  }

  async function reload(): Promise<Catalog> {
    const { loadCatalog } = await import('./load.ts')
    const loaded = await loadCatalog(folders)
    for (const problem of loaded.problems) options.onProblem(printProblem(problem))
    return loaded.catalog
  }
}
