/**
 * Assertions about the state at a moment: partial objects, CEL, and objects that stay as they were. Each gives a verdict, and what was seen and expected in words:
 * never an expression, which would be the key of the check.
 */

import type { Container } from '../../api/core/pod-types.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { said } from '../../engine/said.ts'
import { type CelLet, compileCel } from '../cel.ts'
import type { Assertion, PartialObject, TrafficReport } from '../types.ts'
import { bystandersAssertion } from './bystanders.ts'
import { celResources, kindNamed, type Snapshot } from './history.ts'
import { nowhereAssertion } from './nowhere.ts'
import { candidatesFor, findMismatch, shown } from './partial-object.ts'
import { staticPodAssertion } from './static-pod.ts'
import { unchangedAssertion } from './unchanged.ts'
import type { StateAssertion, Verdict } from './verdict.ts'

/**
 * An assertion about objects, ready to be asked at many moments; undefined for one that needs traffic.
 * @param sinceMs from when on what was deleted is told as gone
 * @throws Error when it can't be read: an unknown kind, no CEL, a count that is none
 */
export function compileStateAssertion(assertion: Assertion, sinceMs = 0): StateAssertion | undefined {
  if ('object' in assertion) return objectAssertion(assertion.object, assertion.count)
  if ('cel' in assertion) return celAssertion(assertion.cel, sinceMs, assertion.message, assertion.let)
  if ('unchanged' in assertion) return unchangedAssertion(assertion.unchanged)
  if ('bystanders' in assertion) return bystandersAssertion(assertion.bystanders)
  if ('nowhere' in assertion) return nowhereAssertion(assertion.nowhere)
  if ('staticPod' in assertion) return staticPodAssertion(assertion.staticPod)
  return undefined
}

function objectAssertion(expected: PartialObject, count: number | string | undefined): StateAssertion {
  const kind = kindNamed(expected.kind)
  const isWanted = parseCount(count)
  const { kind: _kind, apiVersion: _apiVersion, ...fields } = expected
  const what = `${expected.kind}${expected.metadata?.name ? `/${expected.metadata.name}` : ''}`
  return {
    reads: new Set([kind.plural]),
    evaluate(snapshot) {
      const objects = expected.metadata?.namespace ? snapshot.everywhere(kind.plural) : snapshot.objects(kind.plural)
      const candidates = candidatesFor(expected, objects)
      const matching = candidates.filter((object) => !findMismatch(fields, object))
      const holds = isWanted.test(matching.length)
      if (count !== undefined) {
        const { length } = matching
        return {
          holds,
          actual: length === 1 ? said`1 ${kind.singular} matches` : said`${length} ${kind.plural} match`,
          expected: isWanted.told(isWanted.count === 1 ? kind.singular : kind.plural, shown(fields)),
        }
      }
      if (holds) return { holds, actual: said`${what} is as it should be`, expected: shown(fields) }
      if (candidates.length === 0)
        return { holds, actual: said`there is no ${what}`, expected: said`${what} with ${shown(fields)}` }
      const nearest = candidates[0]
      const mismatch = findMismatch(fields, nearest)
      return {
        holds,
        actual: said`${expected.kind}/${nearest.metadata.name}: ${mismatch?.path} is ${shown(mismatch?.actual)}`,
        expected: said`${mismatch?.path} to be ${shown(mismatch?.expected)}`,
      }
    },
  }
}

interface WantedCount {
  test(n: number): boolean
  count: number
  /** In words: so many of what, and with what. */
  told(kind: string, fields: string): string
}

/** `3`, `>=3`, `<2`; at least one unless told. */
function parseCount(text: number | string = '>=1'): WantedCount {
  const match = /^(>=|<=|>|<|==)?\s*(\d+)$/.exec(String(text))
  if (!match) throw new Error(`count must be a number, or one after >=, <=, > or <: ${text}`)
  const count = Number(match[2])
  switch (match[1]) {
    case '>=':
      return {
        test: (n) => n >= count,
        count,
        told: (kind, fields) => said`at least ${count} ${kind} matching ${fields}`,
      }
    case '<=':
      return {
        test: (n) => n <= count,
        count,
        told: (kind, fields) => said`at most ${count} ${kind} matching ${fields}`,
      }
    case '>':
      return {
        test: (n) => n > count,
        count,
        told: (kind, fields) => said`more than ${count} ${kind} matching ${fields}`,
      }
    case '<':
      return {
        test: (n) => n < count,
        count,
        told: (kind, fields) => said`fewer than ${count} ${kind} matching ${fields}`,
      }
    default:
      return {
        test: (n) => n === count,
        count,
        told: (kind, fields) => said`exactly ${count} ${kind} matching ${fields}`,
      }
  }
}

/** The lists of expressions hold what is in the learner's namespace; below this name are those of all namespaces: `everywhere.pods`. */
const everywhere = 'everywhere'

/** And below this name those of all namespaces that were not there when the check's run began. */
const made = 'made'
/** And below this name those of all namespaces that were deleted in the time that the check speaks of, each as it last was. */
const gone = 'gone'
/** What the commands of `afterwards` gave, in their order: `printed[0].exit`, `printed[0].stdout`. */
const printed = 'printed'

/** @param message empty where the author wrote none: then the check's title says what is expected */
function celAssertion(text: string, sinceMs: number, message = '', lets?: CelLet): StateAssertion {
  for (const name of Object.keys(lets ?? {}))
    if ([...celResources, everywhere, made, gone, printed].includes(name))
      throw new Error(`let.${name}: is the name of a list of objects`)
  const expression = compileCel(text, lets)
  const reads = new Set(celResources.filter((plural) => expression.names.has(plural)))
  const asksForMade = expression.names.has(made)
  const asksForGone = expression.names.has(gone)
  /** By uid, what was there at the first moment that is looked at. */
  let there: ReadonlySet<string> | undefined
  return {
    reads,
    evaluate(snapshot, gave) {
      if (asksForMade)
        there ??= new Set(
          [...reads].flatMap((plural) => snapshot.everywhere(plural).map(({ metadata }) => metadata.uid ?? '')),
        )
      const listsBy = (list: (plural: string) => unknown) =>
        Object.fromEntries([...reads].map((plural) => [plural, list(plural)]))
      const own = listsBy((plural) => believed(plural, snapshot, snapshot.objects(plural)))
      const isWide = expression.names.has(everywhere)
      const all = isWide
        ? { [everywhere]: listsBy((plural) => believed(plural, snapshot, snapshot.everywhere(plural))) }
        : {}
      const isMade = ({ metadata }: KubeObject): boolean => there !== undefined && !there.has(metadata.uid ?? '')
      const since = asksForMade
        ? { [made]: listsBy((plural) => believed(plural, snapshot, snapshot.everywhere(plural).filter(isMade))) }
        : {}
      const deleted = asksForGone ? { [gone]: listsBy((plural) => snapshot.deleted(plural, sinceMs)) } : {}
      const outcome = expression.evaluate({ ...own, ...all, ...since, ...deleted, [printed]: gave ?? [] })
      if ('error' in outcome)
        return { holds: false, actual: said`could not be evaluated: ${outcome.error}`, expected: message }
      return {
        holds: outcome.value === true,
        actual:
          outcome.value === true
            ? said`it holds now`
            : summary(snapshot, reads, isWide, (object) => gave !== undefined && isMade(object)),
        expected: message,
      }
    },
  }
}

/** Events are asked about what the cluster did: those that somebody wrote by hand do not tell it. */
const believed = (plural: string, snapshot: Snapshot, objects: readonly KubeObject[]): readonly KubeObject[] =>
  plural === 'events' ? objects.filter((object) => !snapshot.writtenByHand(plural, object)) : objects

/**
 * What there is of the kinds that an expression reads: names with the one thing that tells most.
 * @param isMade of the check's own objects, which nobody else is told of
 */
function summary(
  snapshot: Snapshot,
  reads: ReadonlySet<string>,
  isWide: boolean,
  isMade: (object: KubeObject) => boolean,
): string {
  const parts = [...reads].map((plural) => {
    const all = isWide ? snapshot.everywhere(plural) : snapshot.objects(plural)
    const objects = all.filter((object) => !isMade(object))
    if (objects.length === 0) return said`no ${plural}`
    const names = objects.slice(0, 5).map((object) => `${object.metadata.name}${hintOf(object)}`)
    return `${plural}: ${names.join(', ')}${objects.length > 5 ? ` and ${objects.length - 5} more` : ''}`
  })
  return parts.join('; ') || said`it is false`
}

/** The one thing about an object that tells most: how it is, and what it runs. */
function hintOf(object: unknown): string {
  const { status, spec, endpoints, subsets } = object as {
    status?: Record<string, unknown>
    spec?: { replicas?: number; template?: { spec?: { containers?: Container[] } }; containers?: Container[] }
    endpoints?: { conditions?: { ready?: boolean } }[]
    subsets?: { addresses?: unknown[] }[]
  }
  if (endpoints) return ` (${endpoints.filter((endpoint) => endpoint.conditions?.ready).length} ready)`
  if (subsets) return ` (${subsets.reduce((sum, subset) => sum + (subset.addresses?.length ?? 0), 0)} ready)`
  const images = (spec?.template?.spec?.containers ?? spec?.containers ?? []).map((container) => container.image)
  const facts = [
    typeof status?.phase === 'string' ? status.phase : '',
    spec?.replicas === undefined ? '' : `${status?.readyReplicas ?? 0}/${spec.replicas} ready`,
    spec?.replicas === undefined || status?.updatedReplicas === undefined || status.updatedReplicas === spec.replicas
      ? ''
      : `${status.updatedReplicas} updated`,
    images.join(' and '),
  ].filter(Boolean)
  return facts.length > 0 ? ` (${facts.join(', ')})` : ''
}

/** A CEL expression over the report of a traffic source. */
export function evaluateTraffic(text: string, report: TrafficReport | undefined, name: string, expected = ''): Verdict {
  if (!report) return { holds: false, actual: said`no traffic named ${name} ran`, expected }
  const outcome = compileCel(text).evaluate({ ...report })
  const seen = Object.entries(report.outcomes).map(([what, count]) => `${count} × ${what}`)
  const answers = seen.join(', ') || said`none answered`
  const actual = report.sent === 1 ? said`1 request sent: ${answers}` : said`${report.sent} requests sent: ${answers}`
  if ('error' in outcome) return { holds: false, actual: said`could not be evaluated: ${outcome.error}`, expected }
  return { holds: outcome.value === true, actual, expected }
}
