/** What a kubelet answers to the API server, which may ask it for everything. */
import { StatusError } from '../../api/meta/status-error.ts'
import type { Kubelet } from '../../kubelet/kubelet.ts'
import type { HttpResponse } from '../../network/types.ts'
import type { ProxyParts } from './proxy.ts'
import { type NodeTarget, unreachable } from './target.ts'

const text = (body: string, status = 200): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
})

/** @throws StatusError 503 when the kubelet does not answer */
export function askKubelet({ kubeletOf }: ProxyParts, target: NodeTarget, path: string): HttpResponse {
  const page = reach(kubeletOf, target).pageAt(path)
  if (page === undefined) return text('404 page not found\n', 404)
  if (typeof page === 'string') return text(page)
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(page.json) }
}

function reach(kubeletOf: ProxyParts['kubeletOf'], { name, address }: NodeTarget): Kubelet {
  try {
    return kubeletOf({ spec: { nodeName: name }, status: { hostIP: address } }, () => '')
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw unreachable(error.message.replace(/^: /, ''))
  }
}
