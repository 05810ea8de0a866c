/** The programs of the project, for tests that run them in processes of their own. */
import { basename, join } from 'node:path'

export const root = new URL('../../', import.meta.url).pathname

/**
 * What Node is given to run one: as it was built for the tests, which takes a fraction of the time, or from its source.
 * @param path such as `server/index.ts`; `scripts/test.mjs` builds those in its list
 * @param built the folder of built programs; undefined for those of the source
 */
export const program = (path: string, built = process.env.PODIUM_TEST_PROGRAMS): string[] =>
  built === undefined
    ? ['--import', 'tsx', join(root, path)]
    : ['--enable-source-maps', join(built, `${basename(path, '.ts')}.js`)]
