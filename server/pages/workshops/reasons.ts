/** Why work fails: the cause that the simulator diagnosed when it was graded, or, where it found none, the check that failed. Pure. */
import type { causeNames } from '../../../sim/index.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { Grading } from '../../storage/types.ts'

/** The name of a cause, or `check:` and the title of a check. */
export type Reason = string

const causes: Readonly<Record<(typeof causeNames)[number], string>> = {
  'image-not-found': msg('an image cannot be pulled'),
  'container-crashes': msg('a container crashes'),
  'container-completes': msg('a container ends'),
  'config-missing': msg('a ConfigMap or Secret is missing'),
  'readiness-fails': msg('a readiness probe fails'),
  'liveness-fails': msg('a liveness probe fails'),
  'startup-fails': msg('a startup probe fails'),
  unschedulable: msg('a Pod fits on no node'),
  'volume-missing': msg('a volume is missing'),
  'selector-matches-no-pod': msg('a selector matches no Pod'),
  'no-ready-endpoint': msg('a Service has no ready endpoint'),
  'target-port-not-listening': msg('nothing listens on a target port'),
  'node-not-ready': msg('a node is not ready'),
  'create-refused': msg('Pods are rejected at creation'),
  'request-forbidden': msg('a request is forbidden'),
}

const prefix = 'check:'

/** Kept with the grading: nothing is run for it. None for work that passed. */
export function reasonsOf({ result }: Grading): Reason[] {
  if (result.passed) return []
  const failed = [...result.tests, ...result.gates].filter(({ status }) => status !== 'pass')
  // What is told last of a test is what the rest comes from.
  const diagnosed = [...new Set(failed.flatMap((test) => (test.causes ?? []).toReversed()))]
  if (diagnosed.length > 0) return diagnosed
  return [...new Set(failed.filter(({ status }) => status === 'fail').map(({ title }) => `${prefix}${title}`))]
}

export const wordsOfReason = (reason: Reason): string => {
  if (reason.startsWith(prefix)) return reason.slice(prefix.length)
  return Object.hasOwn(causes, reason) ? t(causes[reason as keyof typeof causes]) : reason
}
