/** What a kubelet answers to the API server. */
import { StatusError } from '../../api/meta/status-error.ts'
import { KubeletRefusal } from '../../kubelet/dialing.ts'
import { answerOf } from '../../kubelet/pages.ts'
import type { HttpResponse } from '../../network/types.ts'
import type { DialKubelet } from '../../nodes.ts'
import { type NodeTarget, unreachable } from './target.ts'

/** @throws StatusError 503 when the kubelet does not answer */
export function askKubelet(kubeletOf: DialKubelet, { name, address }: NodeTarget, path: string): HttpResponse {
  try {
    const kubelet = kubeletOf({ spec: { nodeName: name }, status: { hostIP: address } }, { kind: 'page', path })
    return answerOf(kubelet.pageAt(path))
  } catch (error) {
    if (error instanceof KubeletRefusal) return error.response
    if (error instanceof StatusError) throw unreachable(error.message)
    throw error
  }
}
