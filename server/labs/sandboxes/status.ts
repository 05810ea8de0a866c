/** A `Status` of the Kubernetes API that comes from around the cluster, not out of it. */
import type { HttpAnswer } from '../../../sim/index.ts'

/** Source: k8s.io/apimachinery/pkg/apis/meta/v1/types.go Status */
export const failureStatus = (code: number, reason: string, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  code,
})

/** The same as an answer. */
export const failureAnswer = (
  code: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
): HttpAnswer => ({
  kind: 'answer',
  status: code,
  headers: { 'content-type': 'application/json', ...headers },
  body: `${JSON.stringify(failureStatus(code, reason, message))}\n`,
})
