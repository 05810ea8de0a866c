/** Asks one expression of a cluster as it is now: the keys of predict questions and the claims of demos are reckoned by it. */

import type { CelValueJson } from '../api/cel/values.ts'
import type { LiveCluster } from '../cluster.ts'
import { compileCel } from './cel.ts'
import { celResources, snapshotNow } from './checks/history.ts'

/**
 * The value of a CEL expression over the objects of the run's namespace (`pods`, `deployments`…) and what else is bound.
 * @throws Error with the expression when it can't be read or evaluated
 */
export function evaluateCel(
  cluster: LiveCluster,
  expression: string,
  bindings: Readonly<Record<string, unknown>> = {},
): CelValueJson {
  const compiled = compileCel(expression)
  const snapshot = snapshotNow(cluster)
  const objects = Object.fromEntries(
    celResources.filter((plural) => compiled.names.has(plural)).map((plural) => [plural, snapshot.objects(plural)]),
  )
  const outcome = compiled.evaluate({ ...objects, ...bindings })
  if ('error' in outcome) throw new Error(`${expression}: ${outcome.error}`)
  return outcome.value
}
