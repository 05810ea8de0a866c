/** Bundles the benchmarks into dist/bench, with threads of their own. */
import { bundle } from '../bundle-server.mjs'

export async function build({ print }) {
  await bundle(['scripts/bench.ts'], 'dist/bench', print)
  return 'dist/bench'
}
