/** A release: one installation of a chart, in one of its revisions. Source: helm.sh/helm/v3/pkg/release */

import type { GoMap } from '../../go-template/values.ts'
import type { Chart } from '../chart/chart.ts'
import type { Hook } from './manifests.ts'

export type Status =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback'

export interface ReleaseInfo {
  /** RFC 3339, as are the others. */
  first_deployed: string
  last_deployed: string
  /** '' while it is not. */
  deleted: string
  description: string
  status: Status
  notes: string
}

export interface Release {
  name: string
  namespace: string
  version: number
  info: ReleaseInfo
  chart: Chart
  /** Values that were given. */
  config: GoMap
  manifest: string
  hooks: Hook[]
  labels: Record<string, string>
}

export const isPending = ({ info: { status } }: Release): boolean => status.startsWith('pending-')

/** `web-0.1.0` */
export const chartNameOf = ({ chart: { metadata } }: Release): string => `${metadata.name}-${metadata.version}`

/** As Go prints a moment in JSON: nanoseconds, without zeros at their end. */
export const timestamp = (epochMs: number): string => new Date(epochMs).toISOString().replace(/\.?0*Z$/, 'Z')

const weekdays = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ')
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `Mon Nov  2 15:04:05 2026` */
export function ansiTime(text: string): string {
  const at = new Date(text)
  const clock = at.toISOString().slice(11, 19)
  return `${weekdays[at.getUTCDay()]} ${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)} ${clock} ${at.getUTCFullYear()}`
}

/** `2026-11-02 15:04:05.123 +0000 UTC` */
export const longTime = (text: string): string => `${text.replace('T', ' ').replace('Z', '')} +0000 UTC`

/** Why a name is none for a release; undefined when it is one. */
export function releaseNameProblem(name: string): string | undefined {
  if (name === '') return 'no name provided'
  const isRight = name.length <= 53 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)
  return isRight
    ? undefined
    : 'invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53'
}
