/** Servers of one site on one PostgreSQL, each reachable by the others. */
import { tmpdir } from 'node:os'
import { type LogLine, type MeasuredSite, startSite } from '../measured-site/site.ts'

export interface Web {
  site: MeasuredSite
  peerUrl: string
}

const firstPeerPort = 21_700

/** What the servers logged as errors. */
export const problems: string[] = []

/**
 * @param n tells it from the others
 * @param env over what all have
 * @param program another build than that of `npm run build`
 */
export async function web(
  databaseUrl: string,
  n: number,
  env: Readonly<Record<string, string>> = {},
  program?: string,
): Promise<Web> {
  const peerUrl = `http://127.0.0.1:${firstPeerPort + n}`
  const site = await startSite({
    dataDir: tmpdir(),
    env: {
      ...{ STORAGE: 'postgres', DATABASE_URL: databaseUrl, PEER_URL: peerUrl, TRUST_PROXY: '1', WORKERS: '1' },
      ...{ SANDBOXES_LIVE: '200', SANDBOX_COMMANDS: '5000', SANDBOX_RATE_LIMIT: '100000', RATE_LIMIT: '100000' },
      ...env,
    },
    onLog: ({ level, msg = '' }: LogLine) => {
      if (level >= 50) problems.push(msg)
    },
    ...(program === undefined ? {} : { program }),
  })
  return { site, peerUrl }
}

export const percentile = (all: readonly number[], part: number): number =>
  Math.round(all.toSorted((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * part))] ?? 0)
