/** Imports in server/ point downward only, and pages do not import each other. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { test } from 'node:test'

/** From the top down. */
const rows = [
  [
    'server/index.ts',
    'server/supervisor.ts',
    'server/grant.ts',
    'server/backup.ts',
    'server/restore.ts',
    'server/migrate.ts',
  ],
  ['server/site.ts'],
  ['server/metrics', 'server/traces'],
  ['server/app.ts', 'server/upgrades.ts', 'server/routing.ts', 'server/log.ts', 'server/reloads.ts'],
  ['server/routes.ts', 'server/middleware'],
  // What authors are told; nothing that is served imports it.
  ['server/labs/proofs'],
  ['server/pages'],
  ['server/kubernetes-api', 'server/terminal'],
  ['server/doors'],
  ['server/practice'],
  ['server/accounts', 'server/belongings', 'server/grading'],
  ['server/hiring'],
  ['server/journal'],
  ['server/labs'],
  ['server/peers'],
  ['server/exams'],
  ['server/seats'],
  ['server/workshops'],
  ['server/statistics'],
  ['server/catalog', 'server/storage'],
  ['server/questions', 'server/progress', 'server/explorers'],
  ['server/render', 'server/config.ts', 'server/readiness.ts'],
  ['server/i18n'],
  ['server/child-processes.ts'],
  [
    ...['server/escape-html.ts', 'server/kept-lately.ts', 'server/watch-folder.ts', 'server/build-id.ts'],
    ...['server/live-response.ts', 'server/unread-body.ts', 'server/process-time.ts', 'server/connections.ts'],
    ...['server/request-id.ts', 'server/request-route.ts', 'server/hidden-addresses.ts'],
    ...['server/request-caller.ts', 'server/seat.ts', 'server/sittings'],
  ],
]

const rowOf = (path: string) =>
  rows.findIndex((row) => row.some((place) => path === place || path.startsWith(`${place}/`)))
const placeOf = (path: string) => rows.flat().find((place) => path === place || path.startsWith(`${place}/`))
/** Of `server/pages/lessons/lessons.ts` the folder of the page; of what pages share, a file, the desk or the replay, nothing. */
const pageOf = (path: string) => /^server\/pages\/(?!(?:desk|replay)\/)([^/]+)\/./.exec(path)?.[1]

const files = readdirSync('server', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => posix.join('server', path))

test('in server/, imports point downward only, and pages do not import each other', () => {
  const wrong: string[] = []
  for (const path of files)
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const to = posix.normalize(join(dirname(path), target!))
      if (!to.startsWith('server/') || (placeOf(path) === placeOf(to) && (!pageOf(to) || pageOf(to) === pageOf(path))))
        continue
      // The site map names the middleware that ends each of its lines.
      if (path === 'server/routes.ts' && to.startsWith('server/middleware/')) continue
      if (rowOf(to) <= rowOf(path)) wrong.push(`${path} imports ${to}`)
    }
  assert.deepEqual(wrong, [])
  assert.ok(files.length > 40)
  assert.deepEqual(
    files.filter((path) => rowOf(path) < 0),
    [],
  )
})
