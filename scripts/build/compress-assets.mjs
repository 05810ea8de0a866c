/** Lets the server that was built compress the scripts and styles that it serves. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export function build() {
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', join('dist', 'server', 'compress.js')], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) process.exit(status ?? 1)
  return 'dist/compressed'
}
