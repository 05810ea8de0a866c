/** What is told of an answer that is no `Status`: by its number. Source: k8s.io/apimachinery/pkg/api/errors (NewGenericServerResponse) */
import { StatusError, type StatusReason } from './status-error.ts'

const known = (text: string): Readonly<Record<number, readonly [StatusReason, string]>> => ({
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden', text],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: [
    'NotAcceptable',
    text === '' || text === 'unknown'
      ? 'the server was unable to respond with a content type that the client supports'
      : text,
  ],
  409: ['Conflict', 'the server reported a conflict'],
  415: ['UnsupportedMediaType', text],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
})

/**
 * @param text the body of the answer
 * @param about what was asked for, in words that follow the message: `(get pods web)`
 */
export function genericResponse(status: number, text: string, about = ''): StatusError {
  const all = known(text)
  const [reason, message]: readonly [StatusReason, string] = Object.hasOwn(all, status)
    ? all[status]!
    : status >= 500
      ? ['InternalError', `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`]
      : ['', `the server responded with the status code ${status} but did not return more information`]
  return new StatusError(status, reason, about === '' ? message : `${message} ${about}`, {
    causes: [{ reason: 'UnexpectedServerResponse', message: text }],
  })
}
