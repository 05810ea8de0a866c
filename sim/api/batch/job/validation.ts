/** What a Job must be. Source: kubernetes/pkg/apis/batch/validation/validation.go */

import { validatePodTemplate } from '../../core/pod/spec-validation.ts'
import type { Container } from '../../core/pod-types.ts'
import { immutableSelector, validateSelectedLabels, WORKLOAD_META } from '../../core/workload/validation.ts'
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../meta/field-error.ts'
import { equalJson } from '../../meta/json.ts'
import { selectorMatches } from '../../meta/label-selector.ts'
import { dnsLabelErrors, dnsSubdomainErrors } from '../../meta/names.ts'
import type { LabelSelector } from '../../meta/object.ts'
import {
  immutable,
  nonNegative,
  validateLabelName,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../../meta/object-meta.ts'
import { validateLabelSelector } from '../../meta/selector-validation.ts'
import { internalForm } from '../../schema/internal-form.ts'
import { checkIndexes } from '../indexes.ts'
import type { Job, JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from '../types.ts'
import { isConditionTrue } from './conditions.ts'

const MAX_INDEXED_PARALLELISM = 100_000
const MAX_FAILED_INDEXES = 100_000
/** Above it, an Indexed Job with a limit per index is held within the two limits below. */
const MANY_COMPLETIONS = 100_000
const PARALLELISM_OF_MANY = 10_000
const FAILED_INDEXES_OF_MANY = 10_000
const MAX_RULES = 20
const MAX_EXIT_CODES = 255
const MAX_PATTERNS = 20
const MAX_MANAGED_BY_BYTES = 63
const MAX_SUCCEEDED_INDEXES_BYTES = 64 * 1024
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const OPERATORS = ['In', 'NotIn']
const STATUSES = ['False', 'True', 'Unknown']
const quotedList = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`

export function validateJob(job: Job): FieldError[] {
  const { metadata, spec } = job
  const errors = [
    ...validateObjectMeta({ ...metadata, labels: labelsOf(job) }, WORKLOAD_META),
    ...validateGeneratedSelector(job),
    ...validateSelectingSpec(spec),
  ]
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
    const longest = `${metadata.name}-${spec.completions! - 1}`
    if (dnsLabelErrors(longest).length > 0)
      errors.push(
        invalid('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${longest}`),
      )
  }
  return errors
}

/** Those that the template's stand in for are looked at there. Source: SetDefaults_Job of pkg/apis/batch/v1/defaults.go */
function labelsOf({ metadata, spec }: Job): Job['metadata']['labels'] {
  const isGenerated = metadata.labels?.['batch.kubernetes.io/job-name'] === metadata.name
  return isGenerated && equalJson(metadata.labels, spec.template.metadata.labels) ? undefined : metadata.labels
}

/** The labels that a generated selector needs: a user may have set others under the same keys. */
function validateGeneratedSelector({ metadata, spec }: Job): FieldError[] {
  if (spec.manualSelector || !spec.selector) return []
  const path = 'spec.template.metadata.labels'
  const { labels } = spec.template.metadata
  const expected: Record<string, string> = {
    'controller-uid': metadata.uid,
    'job-name': metadata.name,
    'batch.kubernetes.io/controller-uid': metadata.uid,
    'batch.kubernetes.io/job-name': metadata.name,
  }
  const errors = Object.entries(expected).flatMap(([key, value]) => {
    if (labels?.[key] === undefined) return [required(`${path}[${key}]`, `must be '${value}'`)]
    return labels[key] === value ? [] : [invalid(`${path}[${key}]`, labels, `must be '${value}'`)]
  })
  if (isReadable(spec.selector) && !selectorMatches(spec.selector, expected))
    errors.push(
      invalid(
        'spec.selector',
        spec.selector && internalForm('LabelSelector', spec.selector),
        '`selector` not auto-generated',
      ),
    )
  return errors
}

function validateSelectingSpec(spec: JobSpec): FieldError[] {
  const errors = validateJobSpec(spec, 'spec')
  if (!spec.selector) errors.push(required('spec.selector'))
  else errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
  return isReadable(spec.selector) ? [...errors, ...validateSelectedLabels(spec.selector, spec.template)] : errors
}

/** Of a selector that cannot be read nothing more is said. */
const isReadable = (selector: LabelSelector | undefined): boolean => validateLabelSelector(selector, '').length === 0

/** All but the selector, which a Job that a CronJob is to make does not have yet. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = [
    ...nonNegative(`${path}.parallelism`, spec.parallelism),
    ...nonNegative(`${path}.completions`, spec.completions),
    ...nonNegative(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds),
    ...nonNegative(`${path}.backoffLimit`, spec.backoffLimit),
    ...nonNegative(`${path}.ttlSecondsAfterFinished`, spec.ttlSecondsAfterFinished),
    ...nonNegative(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex),
    ...nonNegative(`${path}.maxFailedIndexes`, spec.maxFailedIndexes),
  ]
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  errors.push(...validateManagedBy(spec, `${path}.managedBy`))
  const { completionMode = 'NonIndexed' } = spec
  if (completionMode === 'Indexed') errors.push(...validateIndexed(spec, path))
  else if (completionMode !== 'NonIndexed')
    errors.push(notSupported(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed']))
  else
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
      if (spec[field] !== undefined)
        errors.push(invalid(`${path}.${field}`, spec[field], 'requires indexed completion mode'))
  if (spec.podFailurePolicy) errors.push(...validateFailurePolicy(spec, `${path}.podFailurePolicy.rules`))
  if (spec.successPolicy) {
    if (completionMode === 'Indexed') errors.push(...validateSuccessPolicy(spec, `${path}.successPolicy.rules`))
    else
      errors.push(
        invalid(
          `${path}.successPolicy`,
          internalForm('SuccessPolicy', spec.successPolicy),
          'requires indexed completion mode',
        ),
      )
  }
  const replacements = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
  if (spec.podReplacementPolicy !== undefined && !replacements.includes(spec.podReplacementPolicy))
    errors.push(notSupported(`${path}.podReplacementPolicy`, spec.podReplacementPolicy, replacements))
  return [...errors, ...validatePodTemplate(spec.template, `${path}.template`), ...validateRestartPolicy(spec, path)]
}

function validateManagedBy({ managedBy }: JobSpec, path: string): FieldError[] {
  if (managedBy === undefined) return []
  if (managedBy === '') return [required(path)]
  const errors = domainPathErrors(managedBy, path)
  return managedBy.length > MAX_MANAGED_BY_BYTES ? [...errors, tooLong(path, MAX_MANAGED_BY_BYTES)] : errors
}

/** Source: IsDomainPrefixedPath in k8s.io/apimachinery/pkg/util/validation/validation.go */
function domainPathErrors(value: string, path: string): FieldError[] {
  const slash = value.indexOf('/')
  const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash <= 0 || rest === '') return [invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const errors = dnsSubdomainErrors(host).map((why) => invalid(path, host, why))
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest))
    errors.push(invalid(path, rest, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"))
  return errors
}

function validateRestartPolicy(spec: JobSpec, path: string): FieldError[] {
  const at = `${path}.template.spec.restartPolicy`
  const policy = spec.template.spec.restartPolicy
  if (!policy || policy === 'Always') return [required(at, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(at, policy, ['OnFailure', 'Never'])]
  if (spec.podFailurePolicy && policy !== 'Never')
    return [invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified')]
  return []
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec
  const errors: FieldError[] = []
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  if (parallelism > MAX_INDEXED_PARALLELISM)
    errors.push(
      invalid(
        `${path}.parallelism`,
        parallelism,
        `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`,
      ),
    )
  const at = `${path}.maxFailedIndexes`
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions)
      errors.push(invalid(at, maxFailedIndexes, 'must be less than or equal to completions'))
    if (maxFailedIndexes > MAX_FAILED_INDEXES)
      errors.push(invalid(at, maxFailedIndexes, `must be less than or equal to ${MAX_FAILED_INDEXES}`))
  }
  if ((completions ?? 0) <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return errors
  const when = `when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`
  if (maxFailedIndexes === undefined)
    errors.push(required(at, `must be specified when completions is above ${MANY_COMPLETIONS}`))
  if (parallelism > PARALLELISM_OF_MANY)
    errors.push(
      invalid(`${path}.parallelism`, parallelism, `must be less than or equal to ${PARALLELISM_OF_MANY} ${when}`),
    )
  if ((maxFailedIndexes ?? 0) > FAILED_INDEXES_OF_MANY)
    errors.push(invalid(at, maxFailedIndexes, `must be less than or equal to ${FAILED_INDEXES_OF_MANY} ${when}`))
  return errors
}

function validateFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const { containers = [], initContainers = [] } = spec.template.spec
  const names = new Set([...containers, ...initContainers].map(({ name }) => name))
  return [
    ...(rules.length > MAX_RULES ? [tooMany(path, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, index) => validateFailureRule(spec, rule, `${path}[${index}]`, names)),
  ]
}

function validateFailureRule(
  spec: JobSpec,
  rule: PodFailurePolicyRule,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = []
  const { action, onExitCodes, onPodConditions = [] } = rule
  if (!action) errors.push(required(`${path}.action`, `valid values: ${quotedList(ACTIONS)}`))
  else if (!ACTIONS.includes(action)) errors.push(notSupported(`${path}.action`, action, ACTIONS))
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined)
    errors.push(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`, names))
  if (onPodConditions.length > MAX_PATTERNS)
    errors.push(tooMany(`${path}.onPodConditions`, onPodConditions.length, MAX_PATTERNS))
  for (const [index, { type, status }] of onPodConditions.entries()) {
    const at = `${path}.onPodConditions[${index}]`
    errors.push(...validateLabelName(type ?? '', `${at}.type`))
    if (!status) errors.push(required(`${at}.status`, `valid values: ${quotedList(STATUSES)}`))
    else if (!STATUSES.includes(status)) errors.push(notSupported(`${at}.status`, status, STATUSES))
  }
  if (onExitCodes && onPodConditions.length > 0)
    errors.push(invalidWhole(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (!onExitCodes && onPodConditions.length === 0)
    errors.push(invalidWhole(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  return errors
}

/** An error that shows no value. */
const invalidWhole = (field: string, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  body: `Invalid value: ${detail}`,
})

function validateExitCodes(
  { containerName, operator, values = [] }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  path: string,
  names: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = []
  if (!operator) errors.push(required(`${path}.operator`, `valid values: ${quotedList(OPERATORS)}`))
  else if (!OPERATORS.includes(operator)) errors.push(notSupported(`${path}.operator`, operator, OPERATORS))
  if (containerName !== undefined && !names.has(containerName))
    errors.push(
      invalid(
        `${path}.containerName`,
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    )
  const at = `${path}.values`
  if (values.length === 0) errors.push(invalid(at, values, 'at least one value is required'))
  else if (values.length > MAX_EXIT_CODES) errors.push(tooMany(at, values.length, MAX_EXIT_CODES))
  for (const [index, value] of values.entries()) {
    if (operator === 'In' && value === 0)
      errors.push(invalid(`${at}[${index}]`, value, 'must not be 0 for the In operator'))
    if (values.indexOf(value) < index) errors.push(duplicate(`${at}[${index}]`, value))
  }
  if (values.some((value, index) => index > 0 && values[index - 1] > value))
    errors.push(invalid(at, values, 'must be ordered'))
  return errors
}

function validateSuccessPolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? []
  const errors: FieldError[] = []
  if (rules.length === 0)
    errors.push(required(path, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > MAX_RULES) errors.push(tooMany(path, rules.length, MAX_RULES))
  return [
    ...errors,
    ...rules.flatMap((rule, index) => validateSuccessRule(rule, spec.completions ?? 0, `${path}[${index}]`)),
  ]
}

function validateSuccessRule(rule: SuccessPolicyRule, completions: number, path: string): FieldError[] {
  const { succeededIndexes, succeededCount } = rule
  const errors: FieldError[] = []
  if (succeededCount === undefined && succeededIndexes === undefined)
    errors.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'))
  let total = 0
  if (succeededIndexes !== undefined) {
    const at = `${path}.succeededIndexes`
    if (succeededIndexes.length > MAX_SUCCEEDED_INDEXES_BYTES) errors.push(tooLong(at, MAX_SUCCEEDED_INDEXES_BYTES))
    const checked = checkIndexes(succeededIndexes, completions)
    if ('problem' in checked)
      errors.push(invalid(at, succeededIndexes, `error parsing succeededIndexes: ${checked.problem}`))
    else total = checked.total
  }
  if (succeededCount === undefined) return errors
  const at = `${path}.succeededCount`
  errors.push(...nonNegative(at, succeededCount))
  const limit = (most: number, what: string): FieldError =>
    invalid(at, succeededCount, `must be less than or equal to ${most} (${what})`)
  if (succeededCount > completions) errors.push(limit(completions, 'the number of specified completions'))
  if (succeededIndexes !== undefined && succeededCount > total)
    errors.push(limit(total, 'the number of indexes in the specified succeededIndexes field'))
  return errors
}

export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const { spec } = job
  return [
    ...validateJob(job),
    ...validateObjectMetaUpdate(job.metadata, old.metadata),
    ...validateCompletions(spec, old.spec),
    ...immutableSelector(spec.selector, old.spec.selector),
    ...validateTemplateUpdate(spec, old),
    ...immutable('spec.completionMode', spec.completionMode, old.spec.completionMode),
    ...unchanged('spec.podFailurePolicy', 'PodFailurePolicy', spec.podFailurePolicy, old.spec.podFailurePolicy),
    ...immutable('spec.backoffLimitPerIndex', spec.backoffLimitPerIndex, old.spec.backoffLimitPerIndex),
    ...immutable('spec.managedBy', spec.managedBy, old.spec.managedBy),
    ...unchanged('spec.successPolicy', 'SuccessPolicy', spec.successPolicy, old.spec.successPolicy),
  ]
}

/** Of an Indexed Job they may change together with parallelism. */
function validateCompletions(spec: JobSpec, old: JobSpec): FieldError[] {
  if (spec.completionMode !== 'Indexed') return immutable('spec.completions', spec.completions, old.completions)
  if (spec.completions === old.completions || spec.completions === undefined || spec.completions === spec.parallelism)
    return []
  return [invalid('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism')]
}

/**
 * A Job that is suspended and has no Pods may still be sent elsewhere, and its containers may ask for other resources: those parts
 * of its template are not compared. Source: validatePodTemplateUpdate, shouldAllowMutablePodTemplate
 */
function validateTemplateUpdate({ template }: JobSpec, old: Job): FieldError[] {
  const before = old.spec.template
  const hasStarted = old.status.startTime !== undefined && !isConditionTrue(old.status, 'Suspended')
  if (!old.spec.suspend || hasStarted || (old.status.active ?? 0) > 0)
    return unchanged('spec.template', 'PodTemplateSpec', template, before)
  const { spec } = template
  const { nodeSelector, tolerations, schedulingGates, affinity } = spec
  const others = (of: typeof affinity): unknown => ({ ...of, nodeAffinity: undefined })
  const allowed = {
    ...before.spec,
    ...{ nodeSelector, tolerations, schedulingGates },
    affinity: equalJson(others(affinity), others(before.spec.affinity)) ? affinity : before.spec.affinity,
    containers: withResources(before.spec.containers, spec.containers),
    initContainers: before.spec.initContainers && withResources(before.spec.initContainers, spec.initContainers ?? []),
  }
  return unchanged('spec.template.spec', 'PodSpec', spec, allowed)
}

/** The whole of it is shown, as the server holds it. */
const unchanged = (field: string, struct: string, value: unknown, old: unknown): FieldError[] =>
  equalJson(value, old)
    ? []
    : [invalid(field, value === undefined ? value : internalForm(struct, value), 'field is immutable')]

/** The containers with the resources of those of the same name and place. */
const withResources = (containers: readonly Container[], wanted: readonly Container[]): readonly Container[] =>
  containers.map((container, index) => {
    const now = wanted[index]
    return now?.name === container.name ? { ...container, resources: now.resources } : container
  })

/** Simplified: nothing is said of the start time, of indexes, and of Pods that a Job still has when it has ended. */
export function validateJobStatusUpdate(job: Job, old: Job): FieldError[] {
  const { spec, status } = job
  const errors = [
    ...validateObjectMetaUpdate(job.metadata, old.metadata),
    ...(['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap((field) =>
      nonNegative(`status.${field}`, status[field]),
    ),
  ]
  const isTrue = (type: string): boolean => isConditionTrue(status, type)
  const wasTrue = (type: string): boolean => isConditionTrue(old.status, type)
  const conflict = (why: string): void => void errors.push(invalidWhole('status.conditions', why))
  if (isTrue('Complete') && isTrue('Failed')) conflict('cannot set Complete=True and Failed=true conditions')
  if (isTrue('Complete') && isTrue('FailureTarget'))
    conflict('cannot set Complete=True and FailureTarget=true conditions')
  if (status.completionTime !== undefined && !isTrue('Complete'))
    errors.push(
      invalid(
        'status.completionTime',
        status.completionTime,
        'cannot set completionTime when there is no Complete=True condition',
      ),
    )
  if (isTrue('Failed') && !isTrue('FailureTarget'))
    conflict('cannot set Failed=True condition without the FailureTarget=true condition')
  if (isTrue('Complete') && !isTrue('SuccessCriteriaMet'))
    conflict('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')
  if (isTrue('SuccessCriteriaMet') && isTrue('Failed'))
    conflict('cannot set SuccessCriteriaMet=True and Failed=true conditions')
  if (isTrue('SuccessCriteriaMet') && isTrue('FailureTarget'))
    conflict('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')
  if (spec.successPolicy && !isTrue('SuccessCriteriaMet') && isTrue('Complete'))
    conflict('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (wasTrue(type) && !isTrue(type)) conflict(`cannot disable the terminal ${type}=True condition`)
  // The indexes of a Job that does all of them at once may become fewer, and with them the Pods that succeeded.
  const mayShrink = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  for (const field of mayShrink ? (['failed'] as const) : (['failed', 'succeeded'] as const))
    if ((status[field] ?? 0) < (old.status[field] ?? 0))
      errors.push(invalid(`status.${field}`, status[field] ?? 0, `cannot decrease the ${field} counter`))
  if (wasTrue('SuccessCriteriaMet') && !isTrue('SuccessCriteriaMet'))
    conflict('cannot disable the SuccessCriteriaMet=True condition')
  if (wasTrue('Complete') && !wasTrue('SuccessCriteriaMet') && isTrue('SuccessCriteriaMet'))
    conflict('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')
  return errors
}
