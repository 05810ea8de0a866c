/**
 * Tables of kubectl lines with what each does to the cluster; a file is an area.
 *
 *     == A Deployment is scaled                        a case: a cluster and a folder of its own
 *     $ kubectl create deployment web --image=nginx    a line for bash; a here-document or a `\` carries on
 *     $ kubectl scale deployment web --replicas=3
 *     = deployments/web: it.status.readyReplicas == 3  soon true: CEL, where `it` is that object
 *     = no pods/web                                    soon true: there is no such object
 *     = pods.all(p, p.status.phase == 'Running')       soon true: CEL over the objects of the namespace
 *     $ kubectl get deployment web -o jsonpath='{.spec.replicas}'
 *     > 3                                              in its standard output
 *     2> Warning:                                      in its standard error
 *     $ kubectl get pod nope
 *     ! 1 pods "nope" not found                        its exit code (0 unless told), and what is in its standard error
 *     advance 30s                                      lets virtual time pass
 *
 * Checks are of the namespace `default`, or of another: `= in team: CEL`, `= deployments/web in team: CEL`, `= no pods/web in team`.
 * `# …` at a line's start is a comment.
 */
import { readFileSync } from 'node:fs'
import { parseGoDuration } from '../../../sim/api/meta/duration.ts'

/** Numbers are of lines in the file, from 1. */
export interface Case {
  title: string
  number: number
  steps: Step[]
}

export type Step = Line | Check | { do: 'advance'; ms: number; number: number }

export interface Line {
  do: 'line'
  text: string
  number: number
  exit: number
  /** Each must be in the standard output, or in the standard error. */
  stdout: string[]
  stderr: string[]
}

export interface Check {
  do: 'check'
  /** As written. */
  text: string
  number: number
  namespace: string
  /** What the check is of: one object, or all. */
  of: { plural: string; name: string } | undefined
  /** Undefined: the object must not be there. */
  cel: string | undefined
}

export const readTable = (path: string): Case[] => parseTable(readFileSync(path, 'utf8'), path)

/** @throws Error with path and line for what is not of the format, and for a case without a check */
export function parseTable(text: string, path: string): Case[] {
  const cases: Case[] = []
  const written = text.split('\n')
  for (let at = 0; at < written.length; at++) {
    const number = at + 1
    const current = written[at]
    const fail = (expected: string): never => {
      throw new Error(`${path}:${number}: ${current}: ${expected}`)
    }
    if (current.trim() === '' || current.startsWith('#')) continue
    if (current.startsWith('== ')) {
      cases.push({ title: current.slice(3), number, steps: [] })
      continue
    }
    const steps = cases.at(-1)?.steps ?? fail('a case begins with "== TITLE"')
    if (current.startsWith('$ ')) {
      const last = endOfCommand(written, at) ?? fail('its here-document has no end')
      const command = [current.slice(2), ...written.slice(at + 1, last + 1)].join('\n')
      steps.push({ do: 'line', text: command, number, exit: 0, stdout: [], stderr: [] })
      at = last
      continue
    }
    if (current.startsWith('= ')) {
      steps.push(parseCheck(current.slice(2), number))
      continue
    }
    const [, duration] = /^advance (\S+)$/.exec(current) ?? []
    if (duration !== undefined) {
      steps.push({ do: 'advance', ms: parseGoDuration(duration) ?? fail('a duration is expected'), number })
      continue
    }
    const [, mark, code, wanted] =
      /^(>|2>|!) ?(?:(?<=!.*)(\d+) ?)?(.*)$/.exec(current) ??
      fail('"== ", "$ ", "> ", "2> ", "! CODE", "= " or "advance DURATION" is expected')
    const line = steps.at(-1)
    if (line?.do !== 'line') return fail('what a line prints follows the line')
    if (mark === '!' && code === undefined) fail('"! CODE" is expected')
    if (code !== undefined) line.exit = Number(code)
    if (wanted) (mark === '>' ? line.stdout : line.stderr).push(wanted)
    else if (mark !== '!') fail('a text is expected')
  }
  for (const { number, title, steps } of cases)
    if (!steps.some((step) => step.do === 'check')) throw new Error(`${path}:${number}: ${title}: nothing is checked`)
  return cases
}

/** The line that a command ends with. */
function endOfCommand(written: readonly string[], start: number): number | undefined {
  let at = start
  while (written[at].endsWith('\\')) at++
  const [, terminator] = /<<-?\s*(['"]?\w+['"]?)/.exec(written.slice(start, at + 1).join('\n')) ?? []
  if (terminator === undefined) return at
  const end = written.indexOf(terminator.replaceAll(/['"]/g, ''), at)
  return end < 0 ? undefined : end
}

function parseCheck(text: string, number: number): Check {
  const check = { do: 'check' as const, text, number, namespace: 'default', of: undefined }
  const [, isGone, plural, name, within, cel] = /^(no )?([a-z]+)\/(\S+?)(?: in (\S+?))?(?:: (.*))?$/.exec(text) ?? []
  if (plural !== undefined && (isGone !== undefined) === (cel === undefined))
    return { ...check, namespace: within ?? check.namespace, of: { plural, name }, cel }
  const [, namespace, expression] = /^in (\S+?): (.*)$/.exec(text) ?? []
  return namespace === undefined ? { ...check, cel: text } : { ...check, namespace, cel: expression }
}
