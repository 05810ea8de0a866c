/** The project's own content, as the server reads it. */
import { compiledCatalog } from '../../server/catalog/compiled.ts'
import { loadCatalogOrThrow } from '../../server/catalog/load.ts'
import type { Catalog } from '../../server/catalog/types.ts'

/** From the root of the project, where tests run. */
const contentFolder = 'content'

/**
 * The catalog of the project's content. A whole run of tests compiles it once, as `npm test` says by PODIUM_TEST_CATALOG: to read it from its
 * sources takes seconds.
 */
export async function projectCatalog(): Promise<Catalog> {
  const cacheFolder = process.env.PODIUM_TEST_CATALOG
  if (cacheFolder === undefined) return loadCatalogOrThrow(contentFolder)
  return compiledCatalog([contentFolder], { cacheFolder, build: cacheFolder, onNote: () => undefined })
}
