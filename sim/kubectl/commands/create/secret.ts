/** kubectl create secret: generic, tls, docker-registry. Source: k8s.io/kubectl/pkg/cmd/create/create_secret*.go */

import { encodeBase64Text } from '../../../api/meta/base64.ts'
import type { Command, Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { readText } from '../../files.ts'
import { printCompactJson } from '../../printers/json.ts'
import { generatorCommand } from './generator.ts'
import { encoded, readSources, sourceFlags } from './sources.ts'

const secret = (name: string, type: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  ...(type ? { type } : {}),
  ...(Object.keys(data).length > 0 ? { data: encoded(data) } : {}),
})

const generic = generatorCommand({
  name: 'generic',
  short: 'Create a secret from a local file, directory, or literal value',
  failure: 'failed to create secret ',
  usage: 'NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [options]',
  flags: [...sourceFlags, { name: 'type', type: 'string', help: 'The type of secret to create' }],
  build: (invocation, name) => secret(name, invocation.flags.string('type'), readSources(invocation, 'secret')),
})

const tls = generatorCommand({
  name: 'tls',
  short: 'Create a TLS secret',
  failure: 'failed to create secret ',
  usage: 'NAME --cert=path/to/cert/file --key=path/to/key/file [options]',
  flags: [
    { name: 'cert', type: 'string', help: 'Path to PEM encoded public key certificate.' },
    { name: 'key', type: 'string', help: 'Path to private key associated with given certificate.' },
  ],
  build(invocation, name) {
    const [cert, key] = [invocation.flags.string('cert'), invocation.flags.string('key')]
    if (!cert || !key) throw new KubectlError('key and cert must be specified')
    return secret(name, 'kubernetes.io/tls', {
      'tls.crt': readPem(invocation, cert),
      'tls.key': readPem(invocation, key),
    })
  },
})

function readPem(invocation: Invocation, path: string): string {
  const text = readText(invocation.context, path)
  if (text === undefined) throw new KubectlError(`Cannot read file ${path}, open ${path}: no such file or directory`)
  return text
}

const dockerRegistry = generatorCommand({
  name: 'docker-registry',
  short: 'Create a secret for use with a Docker registry',
  failure: 'failed to create secret ',
  usage:
    'NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [options]',
  flags: [
    { name: 'docker-username', type: 'string', help: 'Username for Docker registry authentication' },
    { name: 'docker-password', type: 'string', help: 'Password for Docker registry authentication' },
    { name: 'docker-email', type: 'string', help: 'Email for Docker registry' },
    {
      name: 'docker-server',
      type: 'string',
      default: 'https://index.docker.io/v1/',
      help: 'Server location for Docker registry',
    },
  ],
  build(invocation, name) {
    const { flags } = invocation
    const [username, password, email] = ['docker-username', 'docker-password', 'docker-email'].map((flag) =>
      flags.string(flag),
    )
    if (!username || !password)
      throw new KubectlError(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      )
    const entry = { username, password, ...(email ? { email } : {}), auth: encodeBase64Text(`${username}:${password}`) }
    const config = printCompactJson({ auths: { [flags.string('docker-server')]: entry } })
    return secret(name, 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': config })
  },
})

export const createSecret: Command = {
  name: 'secret',
  short: 'Create a secret using a specified subcommand',
  usage: '(docker-registry | generic | tls)',
  subcommands: [dockerRegistry, generic, tls],
}
