/** Builds for production: `npm run build`, then `node dist/server/supervisor.js` in this folder. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
mkdirSync('dist/sim/api/schema', { recursive: true })
copyFileSync('sim/api/schema/definitions.generated.js', 'dist/sim/api/schema/definitions.generated.js')
cpSync('server/i18n/zh', 'dist/server/i18n/zh', { recursive: true })
console.log('built into dist/: start it with `node dist/server/supervisor.js`')
