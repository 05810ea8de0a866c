/**
 * The API server's way to a kubelet: in what words it tells that there is no answer, or that the kubelet turned it away. Sources:
 * kubernetes/pkg/registry/core/pod/strategy.go (LogLocation, ExecLocation), apiserver/pkg/registry/generic/rest/response_checker.go,
 * streaming/pkg/httpstream/spdy
 */
import { genericResponse } from '../api/meta/generic-response.ts'
import { internalError, StatusError } from '../api/meta/status-error.ts'
import type { HttpResponse } from '../network/types.ts'

/** What it goes to the kubelet for: the log of a container, a command or a port of a Pod, or a page of the kubelet itself. */
export type Errand =
  | { readonly kind: 'log'; readonly path: string; readonly pod: string }
  | { readonly kind: 'stream' }
  | { readonly kind: 'page'; readonly path: string }

/** The kubelet answered, and not with what it was asked for. */
export class KubeletRefusal extends StatusError {
  readonly response: HttpResponse
  constructor(error: StatusError, response: HttpResponse) {
    super(error.code, error.reason, error.message)
    this.response = response
  }
}

/** What the kubelet is asked: its method and path. */
export const requestOf = (errand: Errand): { method: string; path: string } =>
  errand.kind === 'stream'
    ? { method: 'POST', path: '/exec' }
    : errand.kind === 'log'
      ? { method: 'GET', path: `/${errand.path}` }
      : { method: 'GET', path: errand.path }

/** @param why as the dial says it: `i/o timeout` */
export function undialled(errand: Errand, address: string, why: string): StatusError {
  const dial = `dial tcp ${address}: ${why}`
  const before = {
    log: `Get "https://${address}/${requestOf(errand).path.slice(1)}": `,
    stream: 'error dialing backend: ',
    page: '',
  }
  return new StatusError(500, '', `${before[errand.kind]}${dial}`)
}

export function refused(errand: Errand, response: HttpResponse): KubeletRefusal {
  const { status, body } = response
  if (errand.kind !== 'log') return new KubeletRefusal(new StatusError(status, '', body), response)
  const error = status === 500 ? internalError(body) : genericResponse(status, body, `( pods/log ${errand.pod})`)
  return new KubeletRefusal(error, response)
}
