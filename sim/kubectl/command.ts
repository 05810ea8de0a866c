/** The shape of a kubectl command, and what it gets when it is run. One file a command exports one of these; registry.ts lists them. */
import { parseGoDuration } from '../api/meta/duration.ts'
import { resourceName } from '../api/meta/kind.ts'
import type { Client, WriteOptions } from '../client/client.ts'
import { discoverAgain } from './ask.ts'
import type { Credentials, KubectlContext, NodeAccess, Run } from './context.ts'
import { credentialsInUse } from './credentials.ts'
import { KubectlError, usageError } from './errors.ts'
import { type Flag, type FlagValues, isFalse, isTrue, type ParsedLine } from './flags.ts'
import { contextInUse, type KubeconfigOverrides, loadKubeconfig, serverInUse } from './kubeconfig.ts'
import { JSON_TYPE, LoggedClient, loggedNode, type RequestLog } from './request-log.ts'
import { ResourceTypes } from './resources.ts'
import { createVersions, type Versions } from './versions.ts'

export interface Command {
  name: string
  aliases?: readonly string[]
  short: string
  /** What its own help begins with, where that is more. */
  long?: string
  /** What follows the path in the usage line: `(TYPE NAME | TYPE/NAME) [options]`. */
  usage: string
  flags?: readonly Flag[]
  subcommands?: readonly Command[]
  /** Where a group alone tells its help and fails; without it, it tells it on standard output and has done what was asked. */
  failsAlone?: 'stdout' | 'stderr'
  /** It asks by Go's own types, whose refusals do not name theirs. */
  isTyped?: boolean
  /** It reads files into Go's own types, and refuses what does not fit them. */
  readsTypes?: boolean
  /** The exit code of a failure where 1 tells something else; a wrong use is told as the command itself tells it. */
  failureCode?: number
  /** Gives the exit code, at once or after waiting. Left out by commands that only group others. */
  run?(invocation: Invocation): Run | number
}

/** One use of a command: its line, read; and the cluster under the identity and in the namespace that the line asks for. */
export class Invocation {
  readonly context: KubectlContext
  readonly flags: FlagValues
  readonly args: readonly string[]
  /** Words after `--`. */
  readonly afterDash: readonly string[] | undefined
  /** `kubectl rollout status` */
  readonly path: string
  /** The words of the whole line, without `kubectl`. */
  readonly line: readonly string[]
  readonly resources: ResourceTypes
  readonly readsTypes: boolean
  /** Warnings shown so far. */
  readonly warnings = new Set<string>()
  /** Descriptions of the API that were asked for, by their place. */
  readonly described = new Map<string, string>()
  #dryRun: DryRun | undefined
  #client: Client | undefined
  #inUse: { namespace: string; user: string } | undefined
  #requests: RequestLog | undefined
  readonly #versions: Versions

  constructor(
    context: KubectlContext,
    { readsTypes = false }: Pick<Command, 'readsTypes'>,
    path: string,
    parsed: ParsedLine,
    line: readonly string[],
  ) {
    this.context = context
    this.readsTypes = readsTypes
    this.path = path
    this.line = line
    this.flags = parsed.flags
    this.args = parsed.args
    this.afterDash = parsed.afterDash
    this.#versions = createVersions(context.versions ?? [])
    this.resources = new ResourceTypes(context.kinds, this.#versions.kinds, {
      onUnknown: () => discoverAgain(this),
      ...(context.discover ? { discover: context.discover } : {}),
      onAmbiguous: (name, other) =>
        this.#warnOnce(
          `short name ${JSON.stringify(name)} could also match lower priority resource ${resourceName(other)}`,
        ),
    })
  }

  /** The cluster, as who the line says. @throws KubectlError when the kubeconfig does not lead there */
  get client(): Client {
    this.#client ??= this.#openClient()
    return this.#client
  }

  #openClient(): Client {
    checkTimeout(this.flags.string('request-timeout'))
    const { user: ownName } = this.#contextInUse
    const user = this.flags.string('as')
    const groups = this.flags.list('as-group')
    const extra = userExtra(this.flags.list('as-user-extra'))
    if (!user && (groups.length > 0 || this.flags.string('as-uid') || extra)) {
      throw new KubectlError(`requesting uid, groups or user-extra for ${ownName} without impersonating a user`)
    }
    const uid = this.flags.string('as-uid')
    const own = user
      ? this.context.clientFor({
          name: user,
          groups: impersonatedGroups(user, groups),
          ...(uid ? { uid } : {}),
          ...(extra ? { extra } : {}),
        })
      : (this.context.clientWith?.(this.#credentials) ?? this.context.client)
    const client = this.#versions.over(own)
    return this.requests ? new LoggedClient(client, this.requests) : client
  }

  get #credentials(): Credentials {
    const given = (flag: string): string => (this.flags.typeOf(flag) === 'string' ? this.flags.string(flag) : '')
    return credentialsInUse(this.context, this.#overrides, {
      server: given('server'),
      token: given('token'),
      certificate: given('client-certificate'),
      key: given('client-key'),
      skipsVerification:
        this.flags.typeOf('insecure-skip-tls-verify') === 'bool' && this.flags.bool('insecure-skip-tls-verify'),
    })
  }

  /** The log of what is asked of the server, when -v asks for it. */
  get requests(): RequestLog | undefined {
    if (this.verbosity < answerLevel) return undefined
    this.#requests ??= {
      verbosity: this.verbosity,
      server: serverInUse(this.context, this.#overrides),
      accept: JSON_TYPE,
      nowEpochMs: () => this.context.nowEpochMs(),
      write: (place, text) => this.log('I', place, text),
      read: (path, accept) => this.context.ask?.(path, this.client.user, accept)?.body,
    }
    return this.#requests
  }

  /** What only nodes can answer. */
  get node(): NodeAccess {
    return this.requests ? loggedNode(this.context.node, this.requests) : this.context.node
  }

  get verbosity(): number {
    return this.flags.number('v')
  }

  get #overrides(): KubeconfigOverrides {
    // `create rolebinding --user` is another flag of the same name.
    const given = (flag: string): string => (this.flags.typeOf(flag) === 'string' ? this.flags.string(flag) : '')
    return {
      kubeconfig: given('kubeconfig'),
      context: given('context'),
      cluster: given('cluster'),
      user: given('user'),
    }
  }

  get #contextInUse(): { namespace: string; user: string } {
    if (this.#inUse) return this.#inUse
    this.#inUse = contextInUse(this.context, this.#overrides)
    if (this.verbosity >= requestLevel) this.tellConfig(loadKubeconfig(this.context, this.#overrides.kubeconfig).path)
    if (this.verbosity >= 1)
      for (const [feature, isEnabled] of clientFeatures)
        this.log('I', 'envvar.go:195', `"Feature gate default state" feature="${feature}" enabled=${isEnabled}`)
    return this.#inUse
  }

  get namespace(): string {
    const { namespace } = this.#contextInUse
    return this.flags.string('namespace') || namespace
  }

  /** Says, at -v=6, where the kubeconfig is. */
  tellConfig(path: string | undefined): void {
    if (path !== undefined && this.verbosity >= requestLevel)
      this.log('I', 'loader.go:407', `Config loaded from file:  ${path}`)
  }

  /** Reads the kubeconfig, if nothing has asked for it yet. */
  readConfig(): void {
    void this.#contextInUse
  }

  /** Whether -n named the namespace, so that a manifest of another one is refused. */
  get isNamespaceGiven(): boolean {
    return this.flags.string('namespace') !== ''
  }

  out(text: string): void {
    this.context.stdout(text)
  }

  err(text: string): void {
    this.context.stderr(text)
  }

  usageError(message: string): KubectlError {
    return usageError(this.path, message)
  }

  /** Prints the warnings that came with the last request, if there was one, each text once a line, as rest.WarningWriter does. */
  showWarnings(): void {
    for (const warning of this.#client?.warnings ?? []) this.#warnOnce(warning)
  }

  #warnOnce(warning: string): void {
    if (this.warnings.has(warning)) return
    this.warnings.add(warning)
    this.err(`Warning: ${warning}\n`)
  }

  get dryRun(): DryRun {
    this.#dryRun ??= this.flags.knows('dry-run') ? this.#parseDryRun(this.flags.string('dry-run')) : 'none'
    return this.#dryRun
  }

  /** Source: k8s.io/kubectl/pkg/cmd/util/helpers.go, GetDryRunStrategy */
  #parseDryRun(text: string): DryRun {
    if (text === 'none' || text === 'client' || text === 'server') return text
    if (text === 'unchanged') {
      this.logWarning('helpers.go:719', '--dry-run is deprecated and can be replaced with --dry-run=client.')
      return 'client'
    }
    if (isTrue(text)) {
      const instead = 'is deprecated (boolean value) and can be replaced with --dry-run=client.'
      this.logWarning('helpers.go:733', `--dry-run=${text} ${instead}`)
      return 'client'
    }
    if (isFalse(text)) {
      const instead = 'is deprecated (boolean value) and can be replaced with --dry-run=none.'
      this.logWarning('helpers.go:736', `--dry-run=${text} ${instead}`)
      return 'none'
    }
    throw new KubectlError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`)
  }

  logWarning(place: string, text: string): void {
    this.log('W', place, text)
  }

  /** A line of kubectl's own log, as klog heads it. */
  log(level: 'I' | 'W' | 'E', place: string, text: string): void {
    const [, month, day, time] = /-(\d\d)-(\d\d)T([\d:.]+)Z/.exec(new Date(this.context.nowEpochMs()).toISOString())!
    this.err(`${level}${month}${day} ${time}000       1 ${place}] ${text}\n`)
  }

  /** What follows a verb in an output line of a dry run. */
  get dryRunSuffix(): string {
    const { dryRun } = this
    return dryRun === 'client' ? ' (dry run)' : dryRun === 'server' ? ' (server dry run)' : ''
  }

  writeOptions(fieldManager: string): WriteOptions {
    return { fieldManager, ...(this.dryRun === 'server' ? { dryRun: true } : {}) }
  }
}

/** From where on -v tells of what came of requests. */
const answerLevel = 4
/** From where on -v tells of requests. */
const requestLevel = 6

/** client-go's own features. Source: k8s.io/client-go/features/known_features.go, v1.36 */
const clientFeatures = [
  ['AtomicFIFO', true],
  ['ClientsAllowCARotation', true],
  ['ClientsAllowCBOR', false],
  ['ClientsAllowTLSCacheGC', true],
  ['ClientsPreferCBOR', false],
  ['InOrderInformers', true],
  ['InOrderInformersBatchProcess', true],
  ['InformerResourceVersion', true],
  ['UnlockWhileProcessingFIFO', true],
  ['WatchListClient', true],
] as const

/** @throws KubectlError for what is neither a number of seconds nor a duration */
function checkTimeout(text: string): void {
  if (/^-?\d+$/.test(text) || parseGoDuration(text) !== undefined) return
  throw new KubectlError(
    'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
  )
}

type DryRun = 'none' | 'client' | 'server'

/** `key=value`, a key as often as it has values; undefined without any. */
function userExtra(given: readonly string[]): Record<string, string[]> | undefined {
  const extra: Record<string, string[]> = {}
  for (const text of given) {
    const at = text.indexOf('=')
    if (at < 0) continue
    const key = text.slice(0, at)
    extra[key] = [...(extra[key] ?? []), text.slice(at + 1)]
  }
  return Object.keys(extra).length > 0 ? extra : undefined
}

/** The groups a server gives to an impersonated user. */
function impersonatedGroups(user: string, groups: readonly string[]): readonly string[] {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)
  if (user === 'system:anonymous') return groups.length > 0 ? groups : ['system:unauthenticated']
  // Whoever is impersonated counts as authenticated, unless the groups say otherwise.
  if (groups.length > 0) {
    const isTold = groups.includes('system:authenticated') || groups.includes('system:unauthenticated')
    return isTold ? groups : [...groups, 'system:authenticated']
  }
  return account
    ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`, 'system:authenticated']
    : ['system:authenticated']
}

// ---------- flags that commands share ----------

export const globalFlags: readonly Flag[] = [
  { name: 'namespace', short: 'n', type: 'string', help: 'If present, the namespace scope for this CLI request' },
  {
    name: 'as',
    type: 'string',
    help: 'Username to impersonate for the operation. User could be a regular user or a service account in a namespace.',
  },
  {
    name: 'as-group',
    type: 'array',
    help: 'Group to impersonate for the operation, this flag can be repeated to specify multiple groups.',
  },
  { name: 'as-uid', type: 'string', help: 'UID to impersonate for the operation.' },
  { name: 'context', type: 'string', help: 'The name of the kubeconfig context to use' },
  { name: 'cluster', type: 'string', help: 'The name of the kubeconfig cluster to use' },
  { name: 'user', type: 'string', help: 'The name of the kubeconfig user to use' },
  { name: 'kubeconfig', type: 'string', help: 'Path to the kubeconfig file to use for CLI requests.' },
  { name: 'server', short: 's', type: 'string', help: 'The address and port of the Kubernetes API server' },
  {
    name: 'request-timeout',
    type: 'string',
    default: '0',
    help: "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
  },
  { name: 'v', short: 'v', type: 'int', default: 0, help: 'number for the log level verbosity' },
  {
    name: 'as-user-extra',
    type: 'array',
    help: 'User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.',
  },
  { name: 'cache-dir', type: 'string', help: 'Default cache directory' },
  { name: 'certificate-authority', type: 'string', help: 'Path to a cert file for the certificate authority' },
  { name: 'client-certificate', type: 'string', help: 'Path to a client certificate file for TLS' },
  { name: 'client-key', type: 'string', help: 'Path to a client key file for TLS' },
  {
    name: 'disable-compression',
    type: 'bool',
    help: 'If true, opt-out of response compression for all requests to the server',
  },
  {
    name: 'insecure-skip-tls-verify',
    type: 'bool',
    help: "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
  },
  {
    name: 'kuberc',
    type: 'string',
    help: 'Path to the kuberc file to use for preferences. This can be disabled by exporting KUBECTL_KUBERC=false feature gate or turning off the feature KUBERC=off.',
  },
  {
    name: 'log-flush-frequency',
    type: 'duration',
    default: 5000,
    help: 'Maximum number of seconds between log flushes',
  },
  { name: 'match-server-version', type: 'bool', help: 'Require server version to match client version' },
  { name: 'password', type: 'string', help: 'Password for basic authentication to the API server' },
  {
    name: 'profile',
    type: 'string',
    default: 'none',
    help: 'Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex|trace)',
  },
  {
    name: 'profile-output',
    type: 'string',
    default: 'profile.pprof',
    help: 'Name of the file to write the profile to',
  },
  {
    name: 'tls-server-name',
    type: 'string',
    help: 'Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used',
  },
  { name: 'token', type: 'string', help: 'Bearer token for authentication to the API server' },
  { name: 'username', type: 'string', help: 'Username for basic authentication to the API server' },
  {
    name: 'vmodule',
    type: 'patterns',
    help: 'comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)',
  },
  {
    name: 'warnings-as-errors',
    type: 'bool',
    help: 'Treat warnings received from the server as errors and exit with a non-zero exit code',
  },
  { name: 'help', short: 'h', type: 'bool', help: 'Help for the command' },
]

export const outputFlags: readonly Flag[] = [
  { name: 'output', short: 'o', type: 'string', help: 'Output format: json, yaml, name, go-template, jsonpath…' },
  { name: 'template', type: 'string', help: 'Template string when -o=go-template is used.' },
  { name: 'show-managed-fields', type: 'bool', help: 'If true, keep the managedFields when printing objects.' },
  {
    name: 'allow-missing-template-keys',
    type: 'bool',
    default: true,
    help: 'If true, ignore missing keys in templates.',
  },
]

export const fileFlags: readonly Flag[] = [
  { name: 'filename', short: 'f', type: 'list', help: 'The files that contain the configurations.' },
  { name: 'kustomize', short: 'k', type: 'string', help: 'Process a kustomization directory.' },
  { name: 'recursive', short: 'R', type: 'bool', help: 'Process the directory used in -f, --filename recursively.' },
]

export const dryRunFlag: Flag = {
  name: 'dry-run',
  type: 'string',
  default: 'none',
  bare: 'unchanged',
  help: 'Must be "none", "server", or "client".',
}

export const selectorFlag: Flag = {
  name: 'selector',
  short: 'l',
  type: 'string',
  help: 'Selector (label query) to filter on.',
}
export const fieldSelectorFlag: Flag = {
  name: 'field-selector',
  type: 'string',
  help: 'Selector (field query) to filter on.',
}
export const allNamespacesFlag: Flag = {
  name: 'all-namespaces',
  short: 'A',
  type: 'bool',
  help: 'If present, act across all namespaces.',
}
export const fieldManagerFlag = (manager: string): Flag => ({
  name: 'field-manager',
  type: 'string',
  default: manager,
  help: 'Name of the manager used to track field ownership.',
})
export const validateFlag: Flag = {
  name: 'validate',
  type: 'string',
  default: 'strict',
  bare: 'strict',
  help: 'Must be one of: strict (or true), warn, ignore (or false).',
}
export const recordFlag: Flag = {
  name: 'record',
  type: 'bool',
  help: 'Record the command in the change-cause annotation.',
  deprecated: '--record will be removed in the future',
}
export const allFlag: Flag = {
  name: 'all',
  type: 'bool',
  help: 'Select all resources in the namespace of the given types.',
}
