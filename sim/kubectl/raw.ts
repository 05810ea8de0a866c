/** --raw: a request that goes to the server as it is given. Source: k8s.io/kubectl/pkg/rawhttp/raw.go */
import { askServer } from './ask.ts'
import type { Invocation } from './command.ts'
import type { SentBody } from './context.ts'
import { KubectlError } from './errors.ts'
import { readText } from './files.ts'

/** @throws KubectlError for what is no path of a URL */
export function checkRawPath(path: string): void {
  if (!path.startsWith('/'))
    throw new KubectlError(`--raw must be a valid URL path: parse ${JSON.stringify(path)}: invalid URI for request`)
}

type Contradiction = 'edit' | 'filename' | 'recursive' | 'selector' | 'output'

/** What does not go with --raw, in the order it is looked at. @throws KubectlError */
export function refuseRawWith({ flags, path }: Invocation, contradictions: readonly Contradiction[]): void {
  const files = flags.list('filename')
  const isNeeded = path !== 'kubectl delete'
  for (const flag of contradictions) {
    if (flag === 'filename') {
      if (files.length > 1 || (isNeeded && files.length === 0))
        throw new KubectlError('--raw can only use a single local file or stdin')
      if (/^https?:/.test(files[0] ?? '')) throw new KubectlError('--raw cannot read from a url')
    } else if (flag === 'edit' || flag === 'recursive' ? flags.bool(flag) : flags.string(flag) !== '')
      throw new KubectlError(`--raw and --${flag}${flag === 'selector' ? ' (-l)' : ''} are mutually exclusive`)
  }
  checkRawPath(flags.string('raw'))
}

/**
 * Sends what -f names, and prints the answer.
 * @throws StatusError as the server words its refusal
 */
export function sendRaw(invocation: Invocation, method: SentBody['method']): void {
  const { context, flags } = invocation
  const [file] = flags.list('filename')
  const body = file === undefined ? '' : file === '-' ? context.stdin : readText(context, file)
  if (body === undefined) throw new KubectlError(`open ${file}: no such file or directory`)
  invocation.out(askServer(invocation, flags.string('raw'), { sent: { method, body } }))
}
