/**
 * Several servers on one PostgreSQL: `npm run bench -- scale [--minutes 5] [--sandboxes 50] [--seats 200] [--learners 10000]
 * [--only seats,kills,pause,outage,update,learners]`. One JSON line a row:
 * - `scale-seats`: a class of 200 on two servers, with a wall at each (`workshop-bench.ts`);
 * - `scale-kills`: one of two servers is killed each 20 s and started again, while commands go to the sandboxes; what was acknowledged and is not
 *   there, how soon a sandbox of a killed server answers, and how many come back otherwise than they stood;
 * - `scale-pause`: a server stands still (SIGSTOP) until its leases are over, and wakes up;
 * - `scale-outage`: the database is away for 30 s;
 * - `scale-update`: both servers are replaced by a build with a newer simulator while forms are sent, and a workshop is open that began before;
 * - `scale-learners`: the data of 10,000 learners: a start, its memory, and their progress pages.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { kills, outage, paused } from './scale/failures.ts'
import { learners } from './scale/learners.ts'
import { update } from './scale/update.ts'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '5' },
    sandboxes: { type: 'string', default: '50' },
    seats: { type: 'string', default: '200' },
    'seat-minutes': { type: 'string', default: '10' },
    learners: { type: 'string', default: '10000' },
    only: { type: 'string', default: 'seats,kills,pause,outage,update,learners' },
  },
})
const [minutes, count] = [Number(values.minutes), Number(values.sandboxes)]

function seats(): void {
  const args = ['--learners', values.seats, '--minutes', values['seat-minutes'], '--speed', '1', '--servers', '2']
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/workshop-bench.ts', ...args], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}

const rows: Record<string, () => Promise<void> | void> = {
  seats,
  kills: () => kills(minutes, count),
  pause: () => paused(count),
  outage: () => outage(count),
  update,
  learners: () => learners(Number(values.learners)),
}
const wanted = values.only.split(',')
const unknown = wanted.filter((name) => !Object.hasOwn(rows, name))
if (unknown.length > 0) {
  console.error(`no row ${unknown.join(', ')}: there are ${Object.keys(rows).join(', ')}`)
  process.exit(2)
}
for (const [name, row] of Object.entries(rows)) if (wanted.includes(name)) await row()
process.exit()
