/** MutatingAdmissionWebhook: those that a write is about are asked one after the other, each about what the others made of it. */

import { mutatingWebhookConfigurations } from '../../../api/admissionregistration/webhook-configuration.ts'
import { cloneJson, equalJson } from '../../../api/meta/json.ts'
import type { KubeObject } from '../../../api/meta/object.ts'
import { internalError } from '../../../api/meta/status-error.ts'
import { applyOperations } from '../../../api/patch/json-patch.ts'
import { cannotUnmarshal, jsonFault } from '../../../text/go-json-errors.ts'
import { decode } from '../../decoding.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { become } from '../become.ts'
import { reasonOf } from '../policies/evaluation.ts'
import { ask, denial, failure, type Hook, hooksOf, isConcerned } from './dispatch.ts'
import type { ReviewAnswer } from './review.ts'

export const mutatingAdmissionWebhook: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  admit(request, context) {
    const hooks = hooksOf(mutatingWebhookConfigurations, request, context)
    if (hooks.length === 0) return
    request.webhookRounds ??= { asked: new Set(), again: new Set(), last: undefined }
    const rounds = request.webhookRounds
    const isAgain = request.reinvocation === 'under way'
    const askAgain = (): void => {
      for (const id of rounds.asked) rounds.again.add(id)
      rounds.asked.clear()
    }
    if (isAgain && !equalJson(rounds.last, request.object)) askAgain()
    for (const hook of hooks) {
      if (!isConcerned(hook, request, context)) continue
      if (isAgain && !rounds.again.has(hook.id)) continue
      const { name, failurePolicy, reinvocationPolicy } = hook.webhook
      const asked = ask(hook, request, context, true)
      request.spend(asked.tookMs)
      const changed = 'answer' in asked && asked.answer.isAllowed ? patch(hook, request, asked.answer) : undefined
      if (changed?.isChanged) {
        askAgain()
        request.reinvocation ??= 'due'
      }
      if (reinvocationPolicy === 'IfNeeded') rounds.asked.add(hook.id)
      const why = 'failure' in asked ? asked.failure : changed?.failure
      if (why !== undefined && failurePolicy !== 'Ignore') throw failure(why)
      if ('answer' in asked && !asked.answer.isAllowed) throw denial(name, asked.answer.status)
    }
    rounds.last = cloneJson(request.object)
  },
}

/** @throws StatusError 500 for a patch that does not fit the object, whatever the webhook's policy */
function patch(
  { webhook: { name } }: Hook,
  request: AdmissionRequest,
  { patch: text, patchType }: ReviewAnswer,
): { isChanged: boolean; failure?: string } {
  if (text === '') return { isChanged: false }
  const failed = (why: string) => ({
    isChanged: false,
    failure: `failed calling webhook ${JSON.stringify(name)}: ${why}`,
  })
  let operations: unknown
  try {
    operations = JSON.parse(text)
  } catch {
    return failed(`received undecodable patch in webhook response: ${jsonFault(text)}`)
  }
  if (!Array.isArray(operations)) {
    const why = cannotUnmarshal(operations, 'jsonpatch.Patch')
    return failed(`received undecodable patch in webhook response: ${why}`)
  }
  if (operations.length === 0) return { isChanged: false }
  const { object, kind, sentAs } = request
  // Simplified: what is sent in the place of an object cannot be changed.
  if (!object || sentAs)
    throw internalError(
      `admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`,
    )
  if (patchType !== 'JSONPatch') return failed(`unsupported patch type ${JSON.stringify(patchType)}`)
  const before = cloneJson(object)
  let patched: KubeObject
  try {
    const whole = { ...object, apiVersion: kind.apiVersion, kind: kind.kind }
    const silent = { isTrusted: false, warn: () => undefined }
    patched = decode(kind, applyOperations(whole, operations), silent, { fieldValidation: 'Ignore' })
  } catch (error) {
    throw internalError(reasonOf(error))
  }
  become(request, patched)
  return { isChanged: !equalJson(before, request.object) }
}
