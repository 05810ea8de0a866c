/** kubectl create token: a token for a service account, printed. */

import { isMap, type JsonMap } from '../../../api/meta/go-json.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { type Command, type Invocation, outputFlags } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { objectPrinter } from '../../printers/objects.ts'
import { nameArgument } from './generator.ts'

export const createToken: Command = {
  name: 'token',
  short: 'Request a service account token',
  usage: 'SERVICE_ACCOUNT_NAME [options]',
  flags: [
    ...outputFlags,
    { name: 'audience', type: 'array', help: 'Audience of the requested token.' },
    { name: 'duration', type: 'duration', help: 'Requested lifetime of the issued token.' },
    { name: 'bound-object-kind', type: 'string', help: 'Kind of an object to bind the token to.' },
    { name: 'bound-object-name', type: 'string', help: 'Name of an object to bind the token to.' },
    { name: 'bound-object-uid', type: 'string', help: 'UID of an object to bind the token to.' },
  ],
  run(invocation) {
    const name = nameArgument(invocation)
    const printer = objectPrinter(invocation)
    validate(invocation, name)
    const boundKind = invocation.flags.string('bound-object-kind')
    const audiences = invocation.flags.list('audience')
    const durationMs = invocation.flags.number('duration')
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        ...(audiences.length > 0 ? { audiences } : {}),
        ...(durationMs ? { expirationSeconds: durationMs / 1000 } : {}),
        ...(boundKind ? { boundObjectRef: boundObject(invocation, boundKind) } : {}),
      },
    }
    const answer = requestToken(invocation, name, request)
    const token = isMap(answer) && isMap(answer.status) ? answer.status.token : undefined
    if (!token) throw new KubectlError('failed to create token: no token in server response')
    if (printer) invocation.out(printer.print({ kind: 'TokenRequest', ...(answer as JsonMap) }, undefined))
    // At a terminal, kubectl ends the line.
    else invocation.out(`${token}${invocation.context.isTerminal ? '\n' : ''}`)
    return 0
  },
}

function requestToken(invocation: Invocation, name: string, request: JsonMap): unknown {
  const kind = invocation.resources.find('serviceaccounts')
  try {
    return invocation.client.createSubresource(kind, { namespace: invocation.namespace, name }, 'token', request)
  } catch (error) {
    if (error instanceof StatusError) throw new KubectlError(`failed to create token: ${error.message}`)
    throw error
  }
}

const BOUND_KINDS = ['Node', 'Pod', 'Secret']

function validate({ flags }: Invocation, name: string): void {
  const [kind, boundName, uid] = ['kind', 'name', 'uid'].map((part) => flags.string(`bound-object-${part}`))
  const fail = (why: string): never => {
    throw new KubectlError(why)
  }
  if (name === '') fail('service account name is required')
  if (flags.number('duration') < 0) fail('--duration must be greater than or equal to 0')
  if (flags.number('duration') % 1000 !== 0) fail('--duration cannot be expressed in units less than seconds')
  if (flags.list('audience').includes('')) fail('--audience must not be an empty string')
  if (!kind && boundName) fail('--bound-object-name can only be set if --bound-object-kind is provided')
  if (!kind && uid) fail('--bound-object-uid can only be set if --bound-object-kind is provided')
  if (kind && !BOUND_KINDS.includes(kind)) fail(`supported --bound-object-kind values are ${BOUND_KINDS.join(', ')}`)
  if (kind && !boundName) fail('--bound-object-name is required if --bound-object-kind is provided')
}

function boundObject({ flags }: Invocation, kind: string): JsonMap {
  const uid = flags.string('bound-object-uid')
  return { kind, apiVersion: 'v1', name: flags.string('bound-object-name'), ...(uid ? { uid } : {}) }
}
