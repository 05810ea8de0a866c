/** kubectl create token: a token for a service account, printed. */
import type { Command } from '../../command.ts'
import { isMap } from '../../printers/json.ts'
import { nameArgument } from './generator.ts'

export const createToken: Command = {
  name: 'token',
  short: 'Request a service account token',
  usage: 'SERVICE_ACCOUNT_NAME [options]',
  flags: [
    { name: 'audience', type: 'array', help: 'Audience of the requested token.' },
    { name: 'duration', type: 'duration', help: 'Requested lifetime of the issued token.' },
  ],
  run(invocation) {
    const name = nameArgument(invocation)
    const kind = invocation.resources.find('serviceaccounts')
    const audiences = invocation.flags.list('audience')
    const durationMs = invocation.flags.number('duration')
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        ...(audiences.length > 0 ? { audiences } : {}),
        ...(durationMs ? { expirationSeconds: durationMs / 1000 } : {}),
      },
    }
    const answer = invocation.client.createSubresource(
      kind,
      { namespace: invocation.namespace, name },
      'token',
      request,
    )
    const token = isMap(answer) && isMap(answer.status) ? answer.status.token : undefined
    invocation.out(`${token ?? ''}\n`)
    return 0
  },
}
