/** The real kubectl that tests measure against: `KUBECTL` names it, else it is on PATH or where `.ci/kubectl` has put it. It must be a v1.36. */
import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'

const fetched = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'podium/kubectl-1.36/kubectl')
const wanted = /^Client Version: v1\.36\./m

function find(): string | undefined {
  for (const path of [process.env.KUBECTL, 'kubectl', fetched]) {
    if (!path) continue
    const { stdout } = spawnSync(path, ['version', '--client'], { encoding: 'utf8', timeout: 10_000 })
    if (wanted.test(stdout ?? '')) return path
  }
  return undefined
}

const found = find()

/** For `test(name, needsRealKubectl, …)`: only a machine that proves nothing may do without. */
export const needsRealKubectl = {
  skip: found || process.env.CI ? false : 'there is no kubectl v1.36 (.ci/kubectl gets one)',
}

/** @throws Error when there is none */
export function realKubectl(): string {
  if (!found) throw new Error('kubectl v1.36 is needed: set KUBECTL, or put it on PATH')
  return found
}
