/** Keys and values of ConfigMaps and Secrets, from --from-literal, --from-file and --from-env-file. */

import { encodeBase64Text } from '../../../api/meta/base64.ts'
import type { Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { readText } from '../../files.ts'
import type { Flag } from '../../flags.ts'

export const sourceFlags: readonly Flag[] = [
  { name: 'from-literal', type: 'array', help: 'Specify a key and literal value (i.e. mykey=somevalue)' },
  { name: 'from-file', type: 'list', help: 'A key file can be specified using its file path, or key=path.' },
  { name: 'from-env-file', type: 'list', help: 'Specify the path to a file to read lines of key=val pairs.' },
  { name: 'append-hash', type: 'bool', help: 'Append a hash of the object to its name.' },
]

/**
 * Every pair that the flags give, in their order.
 * @param what `configmap` or `secret`, for messages
 */
export function readSources(invocation: Invocation, what: string): Record<string, string> {
  const { flags } = invocation
  const hasEnvFile = flags.list('from-env-file').length > 0
  if (hasEnvFile && (flags.list('from-file').length > 0 || flags.list('from-literal').length > 0)) {
    throw new KubectlError('from-env-file cannot be combined with from-file or from-literal')
  }
  if (flags.bool('append-hash')) throw new KubectlError('--append-hash is not available here')
  const data: Record<string, string> = {}
  const add = (key: string, value: string): void => {
    if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
      throw new KubectlError(
        `"${key}" is not a valid key name for a ${what === 'secret' ? 'Secret' : 'ConfigMap'}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      )
    }
    if (Object.hasOwn(data, key)) {
      throw new KubectlError(
        `cannot add key "${key}", another key by that name already exists in Data for ${what === 'secret' ? 'Secret' : 'ConfigMap'} "${invocation.args[0]}"`,
      )
    }
    data[key] = value
  }
  for (const source of flags.list('from-file')) {
    const equals = source.indexOf('=')
    const path = equals < 0 ? source : source.slice(equals + 1)
    const key = equals < 0 ? path.slice(path.lastIndexOf('/') + 1) : source.slice(0, equals)
    if (equals === 0) throw new KubectlError(`key name for file path ${path} missing`)
    add(key, readInput(invocation, path))
  }
  for (const literal of flags.list('from-literal')) {
    const equals = literal.indexOf('=')
    if (equals < 1) throw new KubectlError(`invalid literal source ${literal}, expected key=value`)
    const value = literal.slice(equals + 1)
    // Quotes that the shell left are taken away, as kubectl does.
    add(literal.slice(0, equals), /^(["']).*\1$/s.test(value) && value.length > 1 ? value.slice(1, -1) : value)
  }
  for (const path of flags.list('from-env-file')) {
    for (const line of readInput(invocation, path).split(/\r?\n/)) {
      const trimmed = line.trimStart()
      if (!trimmed || trimmed.startsWith('#')) continue
      const equals = trimmed.indexOf('=')
      if (equals > 0) add(trimmed.slice(0, equals), trimmed.slice(equals + 1))
      else add(trimmed, '')
    }
  }
  return data
}

function readInput(invocation: Invocation, path: string): string {
  const text = path === '/dev/stdin' || path === '-' ? invocation.context.stdin : readText(invocation.context, path)
  if (text === undefined) throw new KubectlError(`error reading ${path}: no such file or directory`)
  return text
}

export const encoded = (data: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encodeBase64Text(value)]))
