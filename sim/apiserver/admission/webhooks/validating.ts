/** ValidatingAdmissionWebhook: all that a write is about are asked at once, and any of them may refuse it. */
import { validatingWebhookConfigurations } from '../../../api/admissionregistration/webhook-configuration.ts'
import type { AdmissionPlugin } from '../admission.ts'
import { ask, denial, failure, hooksOf, isConcerned } from './dispatch.ts'

export const validatingAdmissionWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  validate(request, context) {
    const hooks = hooksOf(validatingWebhookConfigurations, request, context).filter((hook) =>
      isConcerned(hook, request, context),
    )
    if (hooks.length === 0) return
    const asked = hooks.map((hook) => ({ hook, ...ask(hook, request, context, false) }))
    request.spend(Math.max(...asked.map(({ tookMs }) => tookMs)))
    for (const { hook, ...result } of asked) {
      const { name, failurePolicy } = hook.webhook
      if ('failure' in result) {
        if (failurePolicy !== 'Ignore') throw failure(result.failure)
      } else if (!result.answer.isAllowed) throw denial(name, result.answer.status)
    }
  },
}
