/** What a kubelet answers to the API server, which may ask it for everything. */
import { StatusError } from '../../api/meta/status-error.ts'
import type { Kubelet } from '../../kubelet/kubelet.ts'
import { answerOf } from '../../kubelet/pages.ts'
import type { HttpResponse } from '../../network/types.ts'
import type { ProxyParts } from './proxy.ts'
import { type NodeTarget, unreachable } from './target.ts'

/** @throws StatusError 503 when the kubelet does not answer */
export function askKubelet({ kubeletOf }: ProxyParts, target: NodeTarget, path: string): HttpResponse {
  return answerOf(reach(kubeletOf, target).pageAt(path))
}

function reach(kubeletOf: ProxyParts['kubeletOf'], { name, address }: NodeTarget): Kubelet {
  try {
    return kubeletOf({ spec: { nodeName: name }, status: { hostIP: address } }, () => '')
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw unreachable(error.message.replace(/^: /, ''))
  }
}
