/** Lets the server that was built read all content once, and keep what it read for its starts. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export function build({ content }) {
  const { status } = spawnSync(
    process.execPath,
    ['--enable-source-maps', join('dist', 'server', 'compile.js'), ...content],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  )
  if (status !== 0) process.exit(status ?? 1)
  return `dist/catalog, of ${content.join(', ')}`
}
