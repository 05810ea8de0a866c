/** Which webhooks a write is about, and asking one. Source: k8s.io/apiserver/pkg/admission/plugin/webhook/{generic,validating,mutating,errors} */
import type { Webhook, WebhookConfiguration } from '../../../api/admissionregistration/types.ts'
import { webhookNames } from '../../../api/admissionregistration/webhook-configuration.ts'
import type { Kind } from '../../../api/meta/kind.ts'
import { badRequest, forbidden, internalError, StatusError, type StatusReason } from '../../../api/meta/status-error.ts'
import { charge } from '../../../engine/work.ts'
import { callWebhook } from '../../webhooks/call.ts'
import type { AdmissionContext, AdmissionRequest } from '../admission.ts'
import { evaluateWith, givenOf, reasonOf } from '../policies/evaluation.ts'
import { EXEMPT_GROUP, equivalentVersion, matches } from '../policies/matching.ts'
import { admissionReview, type ReviewAnswer, readReview, reviewVersion, type Status } from './review.ts'

/** A webhook, and what tells it from others of its name. */
export interface Hook {
  id: string
  webhook: Webhook
}

/** Those of a configuration's kind, in the order in which they are asked: by the names of their configurations, and as these say. */
export function hooksOf(
  kind: Kind<WebhookConfiguration>,
  request: AdmissionRequest,
  context: AdmissionContext,
): readonly Hook[] {
  if (request.kind.group === EXEMPT_GROUP) return []
  return context.list(kind).flatMap(({ metadata, webhooks = [] }) => {
    charge(webhooks.length)
    return webhooks.map((webhook, n) => ({ id: `${metadata.name}/${webhook.name}/${n}`, webhook }))
  })
}

/** @throws StatusError 403 when a condition fails and the webhook's failures count */
export function isConcerned({ webhook }: Hook, request: AdmissionRequest, context: AdmissionContext): boolean {
  const { rules = [], namespaceSelector, objectSelector, matchPolicy, matchConditions = [], failurePolicy } = webhook
  if (rules.length === 0) return false
  if (!matches({ namespaceSelector, objectSelector, matchPolicy, resourceRules: rules }, request, context)) return false
  if (matchConditions.length === 0) return true
  const given = givenOf(request, context)
  const concerned = { ...given, bindings: { ...given.bindings, namespaceObject: null } }
  const errors: string[] = []
  for (const { expression } of matchConditions)
    try {
      if (evaluateWith(expression.trim(), webhookNames, {}, concerned) !== true) return false
    } catch (error) {
      errors.push(`expression '${expression.trim()}' resulted in error: ${reasonOf(error)}`)
    }
  if (errors.length === 0) return true
  if (failurePolicy === 'Ignore') return false
  const why = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`
  const { kind, name } = request
  throw forbidden(kind.group ? `${kind.plural}.${kind.group}` : kind.plural, name, why)
}

/** What came of asking: an answer, or a failure that its policy decides about. */
export type Asked = { tookMs: number } & ({ answer: ReviewAnswer } | { failure: string })

/** @throws StatusError 400 when a dry run would leave something behind */
export function ask(
  { webhook }: Hook,
  request: AdmissionRequest,
  context: AdmissionContext,
  isMutating: boolean,
): Asked {
  const { name, sideEffects, admissionReviewVersions, timeoutSeconds = 10, clientConfig } = webhook
  if (request.isDryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun')
    throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`)
  const failed = (why: string): { failure: string } => ({
    failure: `failed calling webhook ${JSON.stringify(name)}: ${why}`,
  })
  const version = reviewVersion(admissionReviewVersions)
  if (!version)
    return {
      tookMs: 0,
      ...failed(
        'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
      ),
    }
  const uid = context.outgoing.uid()
  const servedAs = equivalentVersion(webhook.rules ?? [], request, context)
  const review = admissionReview(request, uid, version, servedAs)
  const result = callWebhook(context, clientConfig, review, timeoutSeconds)
  if ('error' in result) return { tookMs: result.tookMs, ...failed(result.error) }
  try {
    const answer = readReview(result.answer, uid, version, isMutating)
    for (const warning of answer.warnings) request.warn(warning)
    return { tookMs: result.tookMs, answer }
  } catch (error) {
    return { tookMs: result.tookMs, ...failed(`received invalid webhook response: ${reasonOf(error)}`) }
  }
}

export const failure = (why: string): StatusError => internalError(why)

/** The refusal of a webhook that was asked and said no. */
export function denial(name: string, { code, reason, message }: Status): StatusError {
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`
  const why = message || reason ? `${denied}: ${message || reason}` : `${denied} without explanation`
  return new StatusError(Math.max(code, 400), reason as StatusReason, why)
}
