/**
 * ValidatingWebhookConfiguration and MutatingWebhookConfiguration, admissionregistration.k8s.io/v1: who is asked about which writes.
 * Sources: kubernetes/pkg/apis/admissionregistration/{v1/defaults.go,validation}, k8s.io/apiserver/pkg/util/webhook/validation.go
 */
import { BOOL } from '../cel/types.ts'
import { duplicate, type FieldError, invalid, notSupported, required } from '../meta/field-error.ts'
import type { Kind } from '../meta/kind.ts'
import { dnsSubdomainErrors } from '../meta/names.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from '../meta/object-meta.ts'
import { validateLabelSelector } from '../meta/selector-validation.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { clientConfigErrors, REVIEW_VERSIONS, reviewVersionErrors, setPort } from '../meta/webhook-client.ts'
import { MATCH_POLICIES, validateRule } from './match-resources.ts'
import { REINVOCATION_POLICIES } from './mutating-admission-policy.ts'
import { requestTypes } from './policy-types.ts'
import type { Webhook, WebhookConfiguration } from './types.ts'
import { compileErrors, conditionErrors, FAILURE_POLICIES } from './validating-admission-policy.ts'

const SIDE_EFFECTS = ['None', 'NoneOnDryRun']

/** What the conditions of a webhook may read. `authorizer` is not simulated. */
export const webhookNames: ReadonlySet<string> = new Set([
  'object',
  'oldObject',
  'request',
  'namespaceObject',
  'authorizer',
])

export const validatingWebhookConfigurations = configurations('Validating')
export const mutatingWebhookConfigurations = configurations('Mutating')

function configurations(what: 'Validating' | 'Mutating'): Kind<WebhookConfiguration> {
  const kind = `${what}WebhookConfiguration`
  const validateWebhooks = ({ webhooks = [] }: WebhookConfiguration): FieldError[] =>
    webhooks.flatMap((webhook, n) => {
      const path = `webhooks[${n}]`
      const { name, admissionReviewVersions = [] } = webhook
      return [
        ...validateWebhook(webhook, path, what === 'Mutating'),
        ...reviewVersionErrors(
          admissionReviewVersions,
          `${path}.admissionReviewVersions`,
          `must specify one of ${REVIEW_VERSIONS.join(', ')}`,
        ),
        ...(name && webhooks.findIndex((other) => other.name === name) < n ? [duplicate(`${path}.name`, name)] : []),
      ]
    })
  return {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind,
    plural: `${kind.toLowerCase()}s`,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: ['api-extensions'],
    isNamespaced: false,
    apiVersion: 'admissionregistration.k8s.io/v1',
    schema: `io.k8s.api.admissionregistration.v1.${kind}`,
    applyDefaults({ webhooks }) {
      for (const webhook of webhooks ?? []) {
        setDefaults(webhook)
        if (what === 'Mutating') webhook.reinvocationPolicy ??= 'Never'
      }
    },
    prepareForCreate: () => {},
    prepareForUpdate: () => {},
    validate: (configuration) => [
      ...validateObjectMeta(configuration.metadata, {
        isNamespaced: false,
        nameErrors: dnsSubdomainErrors,
        hasAnyFinalizers: true,
      }),
      ...validateWebhooks(configuration),
    ],
    validateUpdate: (configuration, old) => [
      ...validateObjectMetaUpdate(configuration.metadata, old.metadata, { hasAnyFinalizers: true }),
      ...validateWebhooks(configuration),
    ],
    needsResourceVersion: true,
    hasStatus: false,
    generationOf: ({ webhooks }) => webhooks,
    columns: [
      nameColumn,
      column('Webhooks', 'integer', 'How many webhooks it registers.', ({ webhooks }) => webhooks?.length ?? 0),
      ageColumn,
    ],
  }
}

function setDefaults(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= 10
  for (const rule of webhook.rules ?? []) rule.scope ??= '*'
  setPort(webhook.clientConfig)
}

function validateWebhook(webhook: Webhook, path: string, isMutating: boolean): FieldError[] {
  const { name = '', rules = [], failurePolicy, matchPolicy, sideEffects, timeoutSeconds } = webhook
  const { reinvocationPolicy, clientConfig = {}, matchConditions = [] } = webhook
  const oneOf = (field: string, value: string | undefined, values: readonly string[]): FieldError[] =>
    value === undefined || values.includes(value) ? [] : [notSupported(`${path}.${field}`, value, values)]
  return [
    ...qualifiedDomainErrors(name, `${path}.name`),
    ...rules.flatMap((rule, n) => validateRule(rule, `${path}.rules[${n}]`)),
    ...oneOf('failurePolicy', failurePolicy, FAILURE_POLICIES),
    ...oneOf('matchPolicy', matchPolicy, MATCH_POLICIES),
    ...(sideEffects === undefined
      ? [required(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`)]
      : oneOf('sideEffects', sideEffects, SIDE_EFFECTS)),
    ...(timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1)
      ? [invalid(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds')]
      : []),
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...(isMutating ? oneOf('reinvocationPolicy', reinvocationPolicy, REINVOCATION_POLICIES) : []),
    ...clientConfigErrors(clientConfig, `${path}.clientConfig`),
    ...conditionErrors(
      matchConditions,
      (text, at, missing) =>
        text.trim() === ''
          ? [required(at, missing)]
          : compileErrors(text.trim(), at, webhookNames, { types: requestTypes, gives: [BOOL] }),
      `${path}.matchConditions`,
    ),
  ]
}

function qualifiedDomainErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)]
  const errors = dnsSubdomainErrors(name)
  if (errors.length > 0) return [invalid(path, name, errors.join(','))]
  return name.split('.').length < 3
    ? [invalid(path, name, 'should be a domain with at least three segments separated by dots')]
    : []
}
