/** The catalog of a running server: loaded once, or again whenever a content file changes. */
import { watch } from 'node:fs'
import { loadCatalog, loadCatalogOrThrow } from './load.ts'
import { printProblem } from './source.ts'
import type { Catalog } from './types.ts'

export interface LiveCatalog {
  current: () => Catalog
  close(): void
}

/** @throws ContentError when the content has problems at the start; later problems are told and what is good is shown. */
export async function liveCatalog(
  folder: string,
  options: { watch: boolean; onProblem: (message: string) => void },
): Promise<LiveCatalog> {
  let catalog = options.watch ? await reload() : await loadCatalogOrThrow(folder)
  if (!options.watch) return { current: () => catalog, close: () => {} }
  let timer: NodeJS.Timeout | undefined
  const watcher = watch(folder, { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(async () => {
      catalog = await reload()
    }, 100)
  })
  return {
    current: () => catalog,
    close: () => {
      clearTimeout(timer)
      watcher.close()
    },
  }

  async function reload(): Promise<Catalog> {
    const loaded = await loadCatalog(folder)
    for (const problem of loaded.problems) options.onProblem(printProblem(problem))
    return loaded.catalog
  }
}
