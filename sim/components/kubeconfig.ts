/** What a kubeconfig tells a program that reads it once, as it starts: where the API server is, and with what one goes there. */

import { decodeBase64Text } from '../api/meta/base64.ts'
import { KubectlError } from '../kubectl/errors.ts'
import { parseYamlValue } from '../kubectl/yaml.ts'
import { keyPairProblem } from '../pki/key-pair.ts'
import type { Process } from '../runtime/process.ts'
import { CommandFailed, openFile, partsOf } from './component.ts'
import type { Destination } from './trust.ts'

/** What a kubeconfig says of its context. @throws CommandFailed */
export function destinationOf(process: Process, path: string, words = (why: string): string => why): Destination {
  if (path === '') throw new CommandFailed(words(noConfiguration))
  if (!process.files.exists(path)) throw new CommandFailed(words(`stat ${path}: no such file or directory`))
  let value: unknown
  try {
    const inFile = (why: string): string => words(`error loading config file ${JSON.stringify(path)}: ${why}`)
    value = parseYamlValue(openFile(process, path, inFile))
  } catch (error) {
    if (!(error instanceof KubectlError)) throw error
    throw new CommandFailed(words(`error loading config file ${JSON.stringify(path)}: ${yamlReason(error)}`))
  }
  const config = (value ?? {}) as {
    'current-context'?: string
    contexts?: unknown
    clusters?: unknown
    users?: unknown
  }
  const context = named<{ context?: { cluster?: string; user?: string } }>(
    config.contexts,
    config['current-context'],
  )?.context
  const cluster = named<{ cluster?: Record<string, string> }>(config.clusters, context?.cluster)?.cluster ?? {}
  const user = named<{ user?: Record<string, string> }>(config.users, context?.user)?.user ?? {}
  if (!cluster.server) throw new CommandFailed(words(noConfiguration))
  const material = (of: Record<string, string>, name: string): string | undefined => {
    const data = of[`${name}-data`]
    if (data) return decodeBase64Text(String(data)) ?? ''
    return of[name] ? openFile(process, String(of[name]), words) : undefined
  }
  const [certificate, key] = [material(user, 'client-certificate'), material(user, 'client-key')]
  const problem = certificate === undefined ? undefined : keyPairProblem(certificate, key ?? '')
  if (problem !== undefined) throw new CommandFailed(words(problem))
  return {
    server: String(cluster.server),
    host: partsOf(String(cluster.server)).name,
    authorities: material(cluster, 'certificate-authority'),
    certificate,
    hasToken: Boolean(user.token ?? user.tokenFile),
    ...(user.token === undefined ? {} : { token: String(user.token) }),
    ...(user.tokenFile === undefined ? {} : { tokenFile: String(user.tokenFile) }),
  }
}

const named = <T>(items: unknown, name: string | undefined): T | undefined =>
  Array.isArray(items) ? items.find((item?: { name?: string }) => item?.name === name) : undefined

const yamlReason = ({ message }: KubectlError): string => message.slice(Math.max(0, message.indexOf('yaml:')))

const noConfiguration =
  'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable'
