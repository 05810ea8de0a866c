/** amtool: asks an Alertmanager, and silences. Source: cli/ of Alertmanager. Simplified: of its commands these */

import type { HttpResult } from '../../network/types.ts'
import type { Process, Program, Wait } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import type { Run } from '../programs/support.ts'
import { ask, plainClient, reasonOf } from './http-client.ts'
import { ConfigurationRefused, parseMatcher, tellMatcher } from './matcher.ts'
import { parsePrometheusDuration } from './promql/duration.ts'
import type { Labels } from './promql/types.ts'

const TIMEOUT_MS = 30_000
const commands =
  'alert [query] [MATCHER...], silence add MATCHER... [--duration=1h] [--comment=TEXT] [--author=NAME], silence query, silence expire ID..., --version'

interface Alert {
  labels: Labels
  annotations: Labels
  startsAt: string
  status: { state: string }
}
interface Silence {
  id: string
  status: { state: string }
  matchers: { name: string; value: string; isRegex: boolean; isEqual: boolean }[]
  endsAt: string
  createdBy: string
  comment: string
}

export const amtool = (version: string): Program =>
  function* (process): Run {
    const given = process.argv.slice(1)
    const words: string[] = []
    const flags = new Map<string, string>()
    for (let n = 0; n < given.length; n++) {
      const [, name, , value] = /^--?([\w.-]+)(=([\s\S]*))?$/.exec(given[n]) ?? []
      if (name === undefined) words.push(given[n])
      else flags.set(long[name] ?? name, value ?? (name === 'version' ? '' : (given[++n] ?? '')))
    }
    if (flags.has('version')) {
      process.stdout.write(`amtool, version ${version} (branch: HEAD)\n`)
      return 0
    }
    try {
      return yield* run(process, words, flags)
    } catch (error) {
      if (!(error instanceof ConfigurationRefused || error instanceof Refused)) throw error
      process.stderr.write(`amtool: error: ${error.message}\n`)
      return 1
    }
  }

const long: Readonly<Record<string, string>> = { d: 'duration', c: 'comment', a: 'author' }

class Refused extends Error {
  override readonly name = 'Refused'
}

function* run(process: Process, [group, act, ...rest]: readonly string[], flags: ReadonlyMap<string, string>): Run {
  const url = (flags.get('alertmanager.url') ?? 'http://localhost:9093').replace(/\/$/, '')
  if (group === 'alert') {
    const matchers = [...(act === undefined || act === 'query' ? [] : [act]), ...rest]
    const filter = matchers.map((text) => `filter=${encodeURIComponent(text)}`).join('&')
    const alerts = (yield* answerOf(process, 'GET', `${url}/api/v2/alerts?${filter}`)) as Alert[]
    // What is held back is not shown.
    const shown = alerts.filter(({ status }) => status.state === 'active')
    sayRows(process, [
      ['Alertname', 'Starts At', 'Summary', 'State'],
      ...shown.map(({ labels, annotations, startsAt, status }) => [
        labels.alertname ?? '',
        startsAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
        annotations.summary ?? '',
        status.state,
      ]),
    ])
    return 0
  }
  if (group === 'silence' && act === 'add') {
    if (rest.length === 0) throw new Refused('no matchers specified')
    if (!flags.get('comment')) throw new Refused('comment required by config')
    const ms = parsePrometheusDuration(flags.get('duration') ?? '1h')
    if (ms === undefined || ms === 0)
      throw new Refused(`not a valid duration string: ${JSON.stringify(flags.get('duration'))}`)
    const nowMs = process.nowEpochMs()
    const matchers = rest.map((text) =>
      parseMatcher(text.includes('=') || text.includes('!') ? text : `alertname=${text}`),
    )
    const { silenceID } = (yield* answerOf(process, 'POST', `${url}/api/v2/silences`, {
      matchers: matchers.map(tellMatcher),
      startsAt: new Date(nowMs).toISOString(),
      endsAt: new Date(nowMs + ms).toISOString(),
      createdBy: flags.get('author') ?? 'nobody',
      comment: flags.get('comment'),
    })) as { silenceID: string }
    process.stdout.write(`${silenceID}\n`)
    return 0
  }
  if (group === 'silence' && act === 'expire') {
    if (rest.length === 0) throw new Refused('no silence IDs specified')
    for (const id of rest) yield* answerOf(process, 'DELETE', `${url}/api/v2/silence/${id}`)
    return 0
  }
  if (group === 'silence' && (act === undefined || act === 'query')) {
    const silences = (yield* answerOf(process, 'GET', `${url}/api/v2/silences`)) as Silence[]
    sayRows(process, [
      ['ID', 'Matchers', 'Ends At', 'Created By', 'Comment'],
      ...silences
        .filter(({ status }) => status.state !== 'expired')
        .map(({ id, matchers, endsAt, createdBy, comment }) => [
          id,
          matchers
            .map(
              ({ name, value, isRegex, isEqual }) =>
                `${name}${isEqual ? '=' : '!'}${isRegex ? '~' : isEqual ? '' : '='}${JSON.stringify(value)}`,
            )
            .join(' '),
          endsAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'),
          createdBy,
          comment,
        ]),
    ])
    return 0
  }
  process.stderr.write(`amtool: podium has: ${commands}\n`)
  return 1
}

function sayRows(process: Process, rows: readonly (readonly string[])[]): void {
  const widths = rows[0].map((_, n) => Math.max(...rows.map((row) => row[n].length)))
  process.stdout.write(rows.map((row) => `${row.map((cell, n) => cell.padEnd(widths[n])).join('  ')}  \n`).join(''))
}

function* answerOf(process: Process, method: string, url: string, body?: object): Generator<Wait, unknown, unknown> {
  const asked = ask(process, plainClient, url, { agent: 'amtool', method, ...(body && { body: JSON.stringify(body) }) })
  if ('error' in asked) throw new Refused(asked.error)
  const result = yield* waitFor<HttpResult>({
    start(resume) {
      asked.start(TIMEOUT_MS, resume)
      return () => undefined
    },
  })
  if (!result.ok) throw new Refused(`${method} ${JSON.stringify(url)}: ${reasonOf(result.error)}`)
  const { status, body: answer } = result.response
  if (status >= 300) throw new Refused(`bad response code ${status} ${answer.trim()}`)
  return answer.trim() === '' ? undefined : JSON.parse(answer)
}
