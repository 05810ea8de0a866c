/**
 * What the query and the body of a request ask for besides the object.
 * Source: k8s.io/apimachinery/pkg/apis/meta/internalversion/validation and pkg/apis/meta/v1/validation
 */
import {
  type FieldError,
  forbiddenField,
  invalid,
  invalidObject,
  notSupported,
  required,
} from '../api/meta/field-error.ts'
import { isRecord } from '../api/meta/json.ts'
import { badRequest } from '../api/meta/status-error.ts'
import type { ApplyOptions, DeleteOptions, ListOptions, WatchOptions } from '../client/client.ts'

export interface ReadOptions extends WatchOptions {
  watch: boolean
  timeoutSeconds: number | undefined
}

/** An `Invalid` about options, which have no name. */
function refuse(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalidObject('meta.k8s.io', kind, '', errors)
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  return Number(text)
}

const flag = (query: URLSearchParams, name: string): boolean | undefined => {
  const text = query.get(name)
  return text === null ? undefined : !['false', '0', 'f', 'F', 'FALSE', 'False'].includes(text)
}

/** @throws StatusError 400 or 422 for what cannot be asked together */
export function readOptions(query: URLSearchParams, isWatch: boolean): ReadOptions {
  const match = query.get('resourceVersionMatch') ?? ''
  const sendInitialEvents = flag(query, 'sendInitialEvents')
  const resourceVersion = query.get('resourceVersion') ?? ''
  const token = query.get('continue') ?? ''
  const watch = isWatch || (flag(query, 'watch') ?? false)
  const errors: FieldError[] = []
  if (watch) {
    if (sendInitialEvents !== undefined && match === '')
      errors.push(
        forbiddenField(
          'resourceVersionMatch',
          'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
        ),
      )
    if (sendInitialEvents === undefined && match !== '')
      errors.push(
        forbiddenField(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
        ),
      )
    if (match !== '' && match !== 'NotOlderThan')
      errors.push(notSupported('resourceVersionMatch', match, ['NotOlderThan']))
    if (token !== '') errors.push(forbiddenField('continue', 'continue is forbidden for watch'))
  } else {
    if (match !== '' && resourceVersion === '')
      errors.push(
        forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      )
    if (match !== '' && token !== '')
      errors.push(forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'))
    if (match !== '' && match !== 'Exact' && match !== 'NotOlderThan')
      errors.push(notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', '']))
    if (match === 'Exact' && resourceVersion === '0')
      errors.push(
        forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      )
    if (sendInitialEvents !== undefined)
      errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  refuse('ListOptions', errors)
  if (resourceVersion !== '' && !/^\d+$/.test(resourceVersion))
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}: strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
    )
  if (token !== '' && resourceVersion !== '' && resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
  const limit = integer(query, 'limit')
  return {
    watch,
    labelSelector: query.get('labelSelector') || undefined,
    fieldSelector: query.get('fieldSelector') || undefined,
    limit: limit && limit > 0 ? limit : undefined,
    continue: token || undefined,
    resourceVersion: resourceVersion || undefined,
    resourceVersionMatch: (match || undefined) as ListOptions['resourceVersionMatch'],
    allowBookmarks: flag(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents,
    timeoutSeconds: integer(query, 'timeoutSeconds'),
  }
}

const VALIDATIONS = ['Ignore', 'Warn', 'Strict'] as const

/**
 * Those of a create, an update or a patch.
 * @param isApply only an apply may force
 */
export function writeOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  isApply = false,
): ApplyOptions {
  const dryRun = query.getAll('dryRun').filter(Boolean)
  const fieldManager = query.get('fieldManager') ?? ''
  const validation = query.get('fieldValidation') ?? ''
  const force = flag(query, 'force')
  const errors: FieldError[] = []
  if (kind === 'PatchOptions' && isApply && fieldManager === '')
    errors.push(required('fieldManager', 'is required for apply patch'))
  if (kind === 'PatchOptions' && !isApply && force !== undefined)
    errors.push(forbiddenField('force', 'may not be specified for non-apply patch'))
  if (fieldManager.length > 128) errors.push(invalid('fieldManager', fieldManager, 'may not be more than 128 bytes'))
  for (const wanted of dryRun) if (wanted !== 'All') errors.push(notSupported('dryRun', wanted, ['All']))
  if (validation !== '' && !VALIDATIONS.some((known) => known === validation))
    errors.push(notSupported('fieldValidation', validation, ['Ignore', 'Strict', 'Warn']))
  refuse(kind, errors)
  return {
    dryRun: dryRun.length > 0,
    fieldManager: fieldManager || undefined,
    fieldValidation: (validation || 'Warn') as (typeof VALIDATIONS)[number],
    ...(force === undefined ? {} : { force }),
  }
}

const POLICIES = ['Background', 'Foreground', 'Orphan']

/** @param body a DeleteOptions, or nothing: then the query may say the same */
export function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions {
  const given: Record<string, unknown> = isRecord(body) ? body : {}
  const errors: FieldError[] = []
  const policy = given.propagationPolicy ?? query.get('propagationPolicy') ?? undefined
  const orphans = given.orphanDependents ?? flag(query, 'orphanDependents')
  const grace = given.gracePeriodSeconds ?? integer(query, 'gracePeriodSeconds')
  const dryRun = Array.isArray(given.dryRun) ? given.dryRun : query.getAll('dryRun').filter(Boolean)
  if (policy !== undefined && orphans !== undefined && orphans !== null)
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'))
  if (policy !== undefined && policy !== null && !POLICIES.includes(String(policy)))
    errors.push(notSupported('propagationPolicy', String(policy), [...POLICIES, 'nil']))
  for (const wanted of dryRun) if (wanted !== 'All') errors.push(notSupported('dryRun', String(wanted), ['All']))
  refuse('DeleteOptions', errors)
  if (grace !== undefined && grace !== null && typeof grace !== 'number')
    throw badRequest('DeleteOptions.gracePeriodSeconds must be a whole number')
  const { uid, resourceVersion } = isRecord(given.preconditions) ? given.preconditions : {}
  return {
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(policy
      ? { propagationPolicy: policy as DeleteOptions['propagationPolicy'] }
      : orphans
        ? { propagationPolicy: 'Orphan' as const }
        : {}),
    preconditions: {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    },
    dryRun: dryRun.length > 0,
  }
}
