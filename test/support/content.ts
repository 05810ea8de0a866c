/** The project's own content, as the server reads it. */
import { compiledCatalog } from '../../server/catalog/compiled.ts'
import { loadCatalogOrThrow } from '../../server/catalog/load.ts'
import type { Catalog } from '../../server/catalog/types.ts'

/** From the root of the project, where tests run. */
const contentFolder = 'content'

let catalog: Promise<Catalog> | undefined

/**
 * The catalog of the project's content, the same for all that a process tests. A whole run of tests compiles it once, as `npm test` says by
 * PODIUM_TEST_CATALOG: to read it from its sources takes ten seconds of the processor.
 */
export function projectCatalog(): Promise<Catalog> {
  catalog ??= readCatalog(process.env.PODIUM_TEST_CATALOG)
  return catalog
}

function readCatalog(cacheFolder: string | undefined): Promise<Catalog> {
  if (cacheFolder === undefined) return loadCatalogOrThrow(contentFolder)
  return compiledCatalog([contentFolder], { cacheFolder, build: cacheFolder, onNote: () => undefined })
}
