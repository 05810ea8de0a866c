/** Labels written on a line: `app=web,tier=front`. Source: k8s.io/kubectl/pkg/generate, ParseLabels */
import { KubectlError } from './errors.ts'

/** @throws KubectlError for what is no pair, or a key without a name */
export function parseLabels(text: string): Record<string, string> {
  const labels = new Map<string, string>()
  for (const part of text.split(',')) {
    const [key, value, ...rest] = part.split('=')
    if (value === undefined || rest.length > 0) throw new KubectlError(`unexpected label spec: ${part}`)
    if (key === '') throw new KubectlError('unexpected empty label key')
    labels.set(key, value)
  }
  return Object.fromEntries(labels)
}
