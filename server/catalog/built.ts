/** Where a server that was built keeps compiled catalogs. */
import { fileURLToPath } from 'node:url'
import { buildId } from '../build-id.ts'
import type { CompiledOptions } from './compiled.ts'

/** Beside the folder of the server; undefined when it runs from its sources, which may change at any time. */
export function builtCatalogs(onNote: (message: string) => void): CompiledOptions | undefined {
  return buildId === undefined
    ? undefined
    : { cacheFolder: fileURLToPath(new URL('../catalog', import.meta.url)), build: buildId, onNote }
}
