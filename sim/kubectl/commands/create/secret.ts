/** kubectl create secret: generic, tls, docker-registry. Source: k8s.io/kubectl/pkg/cmd/create/create_secret*.go */

import { encodeBase64Text } from '../../../api/meta/base64.ts'
import { givenKeys, printCompactJson, sorted } from '../../../api/meta/go-json.ts'
import { configKeyErrors } from '../../../api/meta/names.ts'
import type { FileContent } from '../../../scenario/types.ts'
import type { Command, Invocation } from '../../command.ts'
import { KubectlError } from '../../errors.ts'
import { readText } from '../../files.ts'
import { keyPairProblem } from '../../key-pair.ts'
import { nameHash } from '../../name-hash.ts'
import { generatorCommand } from './generator.ts'
import { addFiles, appendHashFlag, emptyRecord, encoded, readSources, sourceFlags } from './sources.ts'

type Data = Readonly<Record<string, string>>

/** @param data in base64 */
function secret({ flags }: Invocation, name: string, type: string, data: Data) {
  const content = Object.keys(data).length > 0 ? { data: sorted(data) } : {}
  const hash = flags.bool('append-hash') ? `-${nameHash({ kind: 'Secret', type, name, data })}` : ''
  return {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name: name + hash },
    ...content,
    ...(type ? { type } : {}),
  }
}

/** What a Secret takes from files and literals. */
function collector(): { data: Record<string, string>; add(key: string, value: FileContent): void } {
  const data = emptyRecord()
  return {
    data,
    add(key, value) {
      const problems = configKeyErrors(key)
      if (problems.length > 0)
        throw new KubectlError(`${JSON.stringify(key)} is not valid key name for a Secret ${problems.join(';')}`)
      if (key in data) throw new KubectlError(`cannot add key ${key}, another key by that name already exists`)
      data[key] = encoded(value)
    },
  }
}

const generic = generatorCommand({
  name: 'generic',
  short: 'Create a secret from a local file, directory, or literal value',
  failure: 'failed to create secret ',
  usage: 'NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [options]',
  flags: [...sourceFlags, appendHashFlag, { name: 'type', type: 'string', help: 'The type of secret to create' }],
  build(invocation, name) {
    const { data, add } = collector()
    readSources(invocation, add)
    return secret(invocation, name, invocation.flags.string('type'), data)
  },
})

const tls = generatorCommand({
  name: 'tls',
  short: 'Create a TLS secret',
  failure: 'failed to create secret ',
  usage: 'NAME --cert=path/to/cert/file --key=path/to/key/file [options]',
  flags: [
    appendHashFlag,
    { name: 'cert', type: 'string', help: 'Path to PEM encoded public key certificate.' },
    { name: 'key', type: 'string', help: 'Path to private key associated with given certificate.' },
  ],
  build(invocation, name) {
    const [certPath, keyPath] = [invocation.flags.string('cert'), invocation.flags.string('key')]
    if (!certPath || !keyPath) throw new KubectlError('key and cert must be specified')
    const [cert, key] = [readPem(invocation, certPath), readPem(invocation, keyPath)]
    const problem = keyPairProblem(cert, key)
    if (problem) throw new KubectlError(problem)
    return secret(invocation, name, 'kubernetes.io/tls', { 'tls.crt': encoded(cert), 'tls.key': encoded(key) })
  },
})

function readPem({ context }: Invocation, path: string): string {
  const text = readText(context, path)
  if (text === undefined) throw new KubectlError(`Cannot read file ${path}, open ${path}: no such file or directory`)
  return text
}

const CONFIG_KEY = '.dockerconfigjson'

const dockerRegistry = generatorCommand({
  name: 'docker-registry',
  short: 'Create a secret for use with a Docker registry',
  failure: 'failed to create secret ',
  usage:
    'NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [options]',
  flags: [
    appendHashFlag,
    { name: 'from-file', type: 'list', help: 'The path of a file with credentials, or .dockerconfigjson=path.' },
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
    const sources = flags.list('from-file')
    const [username, password, email, server] = ['username', 'password', 'email', 'server'].map((part) =>
      flags.string(`docker-${part}`),
    )
    if (sources.length === 0 && (!username || !password || !server))
      throw new KubectlError(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      )
    const { data, add } = collector()
    for (const source of sources) addFiles(invocation, source.includes('=') ? source : `${CONFIG_KEY}=${source}`, add)
    if (sources.length === 0) {
      const auth = encodeBase64Text(`${username}:${password}`)
      const entry = { username, password, ...(email ? { email } : {}), auth }
      add(CONFIG_KEY, printCompactJson({ auths: { [server]: entry } }, givenKeys))
    }
    return secret(invocation, name, 'kubernetes.io/dockerconfigjson', data)
  },
})

export const createSecret: Command = {
  name: 'secret',
  short: 'Create a secret using a specified subcommand',
  usage: '(docker-registry | generic | tls)',
  failsAlone: 'stderr',
  subcommands: [dockerRegistry, generic, tls],
}
