/** kubeadm token: bootstrap tokens, as Secrets of kube-system. Sources: cmd/kubeadm/app/cmd/token.go, k8s.io/cluster-bootstrap/token */

import { secrets } from '../../../api/core/secret.ts'
import type { Secret } from '../../../api/core/types.ts'
import { decodeBase64Text, encodeBase64Text } from '../../../api/meta/base64.ts'
import { parseGoDuration, printHumanDuration } from '../../../api/meta/duration.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { bootstrapTokenPattern } from '../../../apiserver/bootstrap-tokens.ts'
import type { Client } from '../../../client/client.ts'
import { destinationOf } from '../../../components/kubeconfig.ts'
import type { Destination } from '../../../components/trust.ts'
import { timestampOf } from '../../../engine/engine.ts'
import { readFirstCertificate } from '../../../pki/x509.ts'
import type { Process } from '../../../runtime/process.ts'
import { clientFor, refusedRequest } from '../../cluster-client.ts'
import { printColumns } from '../../table.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from './command-line.ts'
import { publicKeyHash } from './public-key-hash.ts'

const NAMESPACE = 'kube-system'
const TYPE = 'bootstrap.kubernetes.io/token'
const TOKEN_WORDS = '\\A([a-z0-9]{6})\\.([a-z0-9]{16})\\z'
const ID = /^[a-z0-9]{6}$/
const ID_WORDS = '\\A[a-z0-9]{6}\\z'
const DAY_MS = 24 * 3_600_000
const USAGES = ['signing', 'authentication']
const GROUP = 'system:bootstrappers:kubeadm:default-node-token'
const PATH = `/api/v1/namespaces/${NAMESPACE}/secrets`

export const token: KubeadmCommand = {
  name: 'token',
  short: 'Manage bootstrap tokens',
  flags: { text: ['kubeconfig'], bool: ['dry-run'] },
  commands: [
    {
      name: 'create',
      short: 'Create bootstrap tokens on the server',
      takesArguments: true,
      flags: {
        text: ['certificate-key', 'config', 'description', 'groups', 'kubeconfig', 'usages'],
        bool: ['print-join-command'],
        duration: ['ttl'],
      },
      run: create,
    },
    {
      name: 'delete',
      short: 'Delete bootstrap tokens on the server',
      takesArguments: true,
      flags: { text: ['kubeconfig'] },
      run: remove,
    },
    {
      name: 'generate',
      short: 'Generate and print a bootstrap token, but do not create it on the server',
      run: generate,
    },
    { name: 'list', short: 'List bootstrap tokens on the server', flags: { text: ['kubeconfig'] }, run: list },
  ],
}

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz'

function draw(process: Process): string {
  const letters = (count: number): string =>
    Array.from({ length: count }, () => LETTERS[Math.floor(process.random() * LETTERS.length)]).join('')
  return `${letters(6)}.${letters(16)}`
}

function generate({ process }: Invocation): void {
  process.stdout.write(`${draw(process)}\n`)
}

/** Where the kubeconfig of such a command leads. @throws KubeadmError */
function destination({ process, flags }: Invocation): Destination {
  const own = `${process.env.HOME ?? ''}/.kube/config`
  const given = flags.get('kubeconfig') ?? process.env.KUBECONFIG
  const path = given ?? (process.files.exists(own) ? own : '/etc/kubernetes/admin.conf')
  if (!process.files.exists(path))
    throw new KubeadmError(`failed to load admin kubeconfig: open ${path}: no such file or directory`)
  return destinationOf(process, path)
}

/** Asks the API server. @throws KubeadmError */
function ask<T>(invocation: Invocation, words: string, act: (client: Client) => T): T {
  const where = destination(invocation)
  try {
    return act(clientFor(invocation.machine, where))
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const why = error.reason === 'Unreachable' ? refusedRequest(where, PATH, error.message) : error.message
    throw new KubeadmError(words ? `${words}: ${why}` : why)
  }
}

/** @throws KubeadmError */
function create(invocation: Invocation): void {
  const { process, flags, args, machine } = invocation
  const text = args[0] ?? draw(process)
  const [, id, secret] = bootstrapTokenPattern.exec(text) ?? []
  if (!id)
    throw new KubeadmError(
      `the bootstrap token ${JSON.stringify(text)} was not of the form ${JSON.stringify(TOKEN_WORDS).replaceAll('\\\\', '\\')}`,
    )
  const usages = flags.get('usages')?.split(',') ?? USAGES
  const wrong = usages.filter((usage) => !USAGES.includes(usage))
  if (wrong.length > 0)
    throw new KubeadmError(
      `invalid bootstrap token usage string: ${wrong.join(',')}, valid usage options: ${[...USAGES].sort().join(',')}`,
    )
  const ttlMs = parseGoDuration(flags.get('ttl') ?? '24h') ?? DAY_MS
  const description = flags.get('description')
  const groups = flags.get('groups') ?? GROUP
  const fields: Record<string, string> = {
    'token-id': id,
    'token-secret': secret,
    ...(description ? { description } : {}),
    ...(ttlMs > 0 ? { expiration: timestampOf(machine.engine.epochMs + ttlMs) } : {}),
    ...Object.fromEntries(usages.map((usage) => [`usage-bootstrap-${usage}`, 'true'])),
    ...(groups ? { 'auth-extra-groups': groups } : {}),
  }
  const join =
    flags.get('print-join-command') === 'true' ? joinCommand(destination(invocation), text, flags) : undefined
  if (join === undefined && flags.has('certificate-key'))
    throw new KubeadmError('cannot use --certificate-key without --print-join-command')
  const name = `bootstrap-token-${id}`
  ask(invocation, '', (client) => {
    if (client.find(secrets, { namespace: NAMESPACE, name }))
      throw new KubeadmError(`a token with id ${JSON.stringify(id)} already exists`)
    const data = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, encodeBase64Text(value)]))
    client.create(secrets, { metadata: { namespace: NAMESPACE, name }, type: TYPE, data })
  })
  process.stdout.write(`${join ?? text}\n`)
}

/** What a machine types to join. Source: cmd/kubeadm/app/cmd/util/join.go, util/pubkeypin */
function joinCommand({ server, authorities }: Destination, text: string, flags: ReadonlyMap<string, string>): string {
  const authority = readFirstCertificate(authorities ?? '')
  if (!authority) throw new KubeadmError('failed to get join command: no CA certificates found in kubeconfig')
  const digest = publicKeyHash(authority)
  const key = flags.get('certificate-key')
  const control = key === undefined ? '' : `--control-plane ${key ? `--certificate-key ${key}` : ''}`
  return `kubeadm join ${server.replace('https://', '')} --token ${text} --discovery-token-ca-cert-hash sha256:${digest} ${control}`
}

/** @throws KubeadmError */
function list(invocation: Invocation): void {
  const { process, machine } = invocation
  const found = ask(invocation, 'failed to list bootstrap tokens', (client) =>
    client.list(secrets, { namespace: NAMESPACE }).items.filter(({ type }) => type === TYPE),
  )
  const titles = ['TOKEN', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION', 'EXTRA GROUPS']
  // Each token is a table of its own, below the titles of the first one.
  process.stdout.write(
    found
      .map((secret, at) =>
        printColumns([...(at === 0 ? [titles] : []), rowOf(secret, machine.engine.epochMs)], {
          minWidth: 10,
          padding: 3,
        }),
      )
      .join(''),
  )
}

function rowOf({ data = {} }: Secret, nowEpochMs: number): string[] {
  const field = (name: string): string => decodeBase64Text(data[name] ?? '') ?? ''
  const expiration = field('expiration')
  const usages = Object.keys(data)
    .filter((name) => name.startsWith('usage-bootstrap-') && field(name) === 'true')
    .map((name) => name.slice('usage-bootstrap-'.length))
    .sort()
  return [
    `${field('token-id')}.${field('token-secret')}`,
    (expiration ? shortDuration(Date.parse(expiration) - nowEpochMs) : '<forever>').padEnd(9),
    expiration || '<never>',
    (usages.join(',') || '<none>').padEnd(22),
    (field('description') || '<none>').padEnd(56),
    field('auth-extra-groups') || '<none>',
  ]
}

/** One unit only. Source: k8s.io/apimachinery/pkg/util/duration ShortHumanDuration */
function shortDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.trunc(seconds / 60)}m`
  if (seconds < 24 * 3600) return `${Math.trunc(seconds / 3600)}h`
  return seconds < 365 * 24 * 3600 ? `${Math.trunc(seconds / 86_400)}d` : printHumanDuration(ms)
}

/** @throws KubeadmError */
function remove(invocation: Invocation): void {
  const { process, args } = invocation
  if (args.length === 0)
    throw new KubeadmError(
      `missing argument; 'token delete' is missing token of form ${JSON.stringify(TOKEN_WORDS)} or ${JSON.stringify(ID_WORDS)}`,
    )
  for (const given of args) {
    const id = ID.test(given) ? given : bootstrapTokenPattern.exec(given)?.[1]
    if (id === undefined)
      throw new KubeadmError(
        `given token didn't match pattern ${JSON.stringify(TOKEN_WORDS)} or ${JSON.stringify(ID_WORDS)}`,
      )
    ask(invocation, `failed to delete bootstrap token ${JSON.stringify(id)}`, (client) =>
      client.delete(secrets, { namespace: NAMESPACE, name: `bootstrap-token-${id}` }),
    )
    process.stdout.write(`bootstrap token ${JSON.stringify(id)} deleted\n`)
  }
}
