/** PriorityLevelConfiguration, flowcontrol.apiserver.k8s.io/v1. Sources: kubernetes/pkg/apis/flowcontrol/{v1,validation} */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../meta/field-error.ts'
import { equalJson } from '../meta/json.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateConditions } from './conditions.ts'
import { mandatoryPriorityLevels } from './defaults.ts'
import type { FlowQueuing, LimitedLevel, PriorityLevelConfiguration } from './types.ts'

const MOST_QUEUES = 10_000_000
/** Of the hash by which a hand is dealt. Source: k8s.io/apiserver/pkg/util/shufflesharding */
const HASH_BITS = 60

export const priorityLevelConfigurations: Kind<PriorityLevelConfiguration> = {
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  singular: 'prioritylevelconfiguration',
  shortNames: [],
  categories: [],
  isNamespaced: false,
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
  schema: 'io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration',
  applyDefaults(object) {
    object.spec ??= { type: '' }
    object.status ??= {}
    const { type, limited } = object.spec
    if (type === 'Exempt') {
      object.spec.exempt ??= {}
      object.spec.exempt.nominalConcurrencyShares ??= 0
      object.spec.exempt.lendablePercent ??= 0
    }
    if (limited) applyLimitDefaults(limited)
  },
  prepareForCreate: (object) => {
    object.status = {}
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status
  },
  validate: (object) => [
    ...validateObjectMeta(object.metadata, { isNamespaced: false, nameErrors: dnsSubdomainErrors }),
    ...validateSpec(object),
    ...validateConditions(object.status.conditions),
  ],
  validateUpdate: (object, old) => [
    ...validateObjectMetaUpdate(object.metadata, old.metadata),
    ...validateSpec(object),
    ...validateConditions(object.status.conditions),
  ],
  validateStatusUpdate: (object) => validateConditions(object.status.conditions),
  hasStatus: true,
  generationOf: ({ spec }) => spec,
  columns: [
    nameColumn,
    column('Type', 'string', 'Whether its requests are limited.', ({ spec }) => spec.type),
    column(
      'NominalConcurrencyShares',
      'string',
      'Its share of what the server does at a time.',
      ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>',
    ),
    column('Queues', 'string', 'How many queues it has.', (object) => queuingOf(object)?.queues ?? '<none>'),
    column('HandSize', 'string', 'Among how many a flow chooses.', (object) => queuingOf(object)?.handSize ?? '<none>'),
    column(
      'QueueLengthLimit',
      'string',
      'How many may wait in each.',
      (object) => queuingOf(object)?.queueLengthLimit ?? '<none>',
    ),
    ageColumn,
  ],
}

const queuingOf = ({ spec }: PriorityLevelConfiguration): FlowQueuing | undefined => spec.limited?.limitResponse.queuing

/** Source: kubernetes/pkg/apis/flowcontrol/v1/defaults.go */
function applyLimitDefaults(limited: LimitedLevel): void {
  limited.nominalConcurrencyShares ??= 30
  limited.lendablePercent ??= 0
  limited.limitResponse ??= { type: '' }
  const { queuing } = limited.limitResponse
  if (!queuing) return
  queuing.queues ||= 64
  queuing.handSize ||= 8
  queuing.queueLengthLimit ||= 50
}

function validateSpec({ metadata: { name }, spec }: PriorityLevelConfiguration): FieldError[] {
  const errors: FieldError[] = []
  const { type, limited, exempt } = spec
  if ((name === 'exempt') !== (type === 'Exempt'))
    errors.push(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  if (type === 'Exempt') {
    if (limited) errors.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'))
    errors.push(...validateShares(exempt ?? {}, 'spec.exempt'))
  } else if (type === 'Limited') {
    if (exempt) errors.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'))
    if (limited) errors.push(...validateLimited(limited))
    else errors.push(required('spec.limited', 'must not be empty when type is Limited'))
  } else errors.push(notSupported('spec.type', type ?? '', ['Exempt', 'Limited']))
  const fixed = mandatoryPriorityLevels[name]
  // The shares of the exempt level are the administrator's own.
  const compared = name === 'exempt' ? { ...spec, exempt: fixed?.exempt } : spec
  if (fixed && !equalJson(compared, fixed))
    errors.push(invalid('spec', spec, `spec of '${name}' must equal the fixed value`))
  return errors
}

function validateShares(
  {
    nominalConcurrencyShares = 0,
    lendablePercent = 0,
  }: { nominalConcurrencyShares?: number; lendablePercent?: number },
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (nominalConcurrencyShares < 0)
    errors.push(invalid(`${path}.nominalConcurrencyShares`, nominalConcurrencyShares, 'must be a non-negative integer'))
  if (lendablePercent < 0 || lendablePercent > 100)
    errors.push(invalid(`${path}.lendablePercent`, lendablePercent, 'must be between 0 and 100, inclusive'))
  return errors
}

function validateLimited(limited: LimitedLevel): FieldError[] {
  const { borrowingLimitPercent, limitResponse } = limited
  const errors = validateShares(limited, 'spec.limited')
  if (borrowingLimitPercent !== undefined && borrowingLimitPercent < 0)
    errors.push(
      invalid(
        'spec.limited.borrowingLimitPercent',
        borrowingLimitPercent,
        'if specified, must be a non-negative integer',
      ),
    )
  const path = 'spec.limited.limitResponse'
  const { type, queuing } = limitResponse
  if (type === 'Reject') {
    if (queuing)
      errors.push(forbiddenField(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'))
  } else if (type === 'Queue') {
    if (queuing) errors.push(...validateQueuing(queuing, `${path}.queuing`))
    else errors.push(required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'))
  } else errors.push(notSupported(`${path}.type`, type, ['Queue', 'Reject']))
  return errors
}

function validateQueuing({ queues, handSize, queueLengthLimit }: FlowQueuing, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (queueLengthLimit <= 0) errors.push(invalid(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive'))
  if (queues <= 0) errors.push(invalid(`${path}.queues`, queues, 'must be positive'))
  else if (queues > MOST_QUEUES)
    errors.push(invalid(`${path}.queues`, queues, `must not be greater than ${MOST_QUEUES}`))
  const at = `${path}.handSize`
  if (handSize <= 0) errors.push(invalid(at, handSize, 'must be positive'))
  else if (handSize > queues) errors.push(invalid(at, handSize, `should not be greater than queues (${queues})`))
  else if (Math.ceil(Math.log2(queues) * handSize) > HASH_BITS)
    errors.push(
      invalid(
        at,
        handSize,
        `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS}`,
      ),
    )
  return errors
}
