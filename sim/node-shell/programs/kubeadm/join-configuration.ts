/**
 * What a machine is told of the cluster that it joins: by flags, or in a JoinConfiguration. Sources: cmd/kubeadm/app/cmd/join.go newJoinData,
 * util/config/joinconfiguration.go, apis/kubeadm/validation
 */
import { isRecord } from '../../../api/meta/json.ts'
import { bootstrapTokenPattern } from '../../../apiserver/bootstrap-tokens.ts'
import { listOf, openFile } from '../../../components/component.ts'
import { type Invocation, KubeadmError } from './command-line.ts'
import {
  type ConfigurationKind,
  documentOf,
  type Fields,
  fieldOf,
  isFlag,
  isText,
  isTexts,
  refuseMixed,
} from './configuration-file.ts'

export interface JoinConfiguration {
  /** Where the cluster says who it is, and a token by which that is known; or else a file that says so. */
  readonly bootstrapToken?: {
    readonly apiServerEndpoint: string
    readonly token: string
    readonly caCertHashes: readonly string[]
    readonly unsafeSkipCAVerification: boolean
  }
  readonly file?: { readonly kubeConfigPath: string }
  /** With what the kubelet asks for its first certificate; '' where the file has something for that. */
  readonly tlsBootstrapToken: string
  readonly nodeName?: string
  readonly ignorePreflightErrors: readonly string[]
}

/** @throws KubeadmError with everything that is wrong */
export function joinConfigurationOf(invocation: Invocation): JoinConfiguration {
  const path = invocation.flags.get('config')
  const read = path === undefined ? fromFlags(invocation) : fromFile(invocation, path)
  const problems = problemsOf(invocation, read)
  if (problems.length > 0) throw new KubeadmError(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`)
  return read
}

function fromFlags({ flags, args: [endpoint] }: Invocation): JoinConfiguration {
  const token = flags.get('discovery-token') ?? flags.get('token') ?? ''
  const kubeConfigPath = flags.get('discovery-file')
  return {
    ...(endpoint === undefined
      ? {}
      : {
          bootstrapToken: {
            apiServerEndpoint: endpoint,
            token,
            caCertHashes: listOf(flags.get('discovery-token-ca-cert-hash')),
            unsafeSkipCAVerification: flags.get('discovery-token-unsafe-skip-ca-verification') === 'true',
          },
        }),
    ...(kubeConfigPath ? { file: { kubeConfigPath: pathOf(kubeConfigPath) } } : {}),
    tlsBootstrapToken: flags.get('tls-bootstrap-token') ?? flags.get('token') ?? (endpoint === undefined ? '' : token),
    nodeName: flags.get('node-name'),
    ignorePreflightErrors: listOf(flags.get('ignore-preflight-errors')),
  }
}

/** @throws KubeadmError */
function fromFile({ process, flags }: Invocation, path: string): JoinConfiguration {
  refuseMixed(flags)
  const text = openFile(process, path, (why) => `unable to read config from ${JSON.stringify(path)} : ${why}`)
  const { discovery, nodeRegistration } = readFields(documentOf(process, text, joinKind))
  const nodeName = flags.get('node-name') ?? nodeRegistration.name
  return {
    ...discovery,
    tlsBootstrapToken: discovery.tlsBootstrapToken || (discovery.bootstrapToken?.token ?? ''),
    ...(nodeName ? { nodeName } : {}),
    ignorePreflightErrors: [...listOf(flags.get('ignore-preflight-errors')), ...nodeRegistration.ignorePreflightErrors],
  }
}

const joinKind: ConfigurationKind = {
  name: 'JoinConfiguration',
  warnsAt: { ignored: 'joinconfiguration.go:112', unknown: 'joinconfiguration.go:124' },
  versions: ['v1beta3', 'v1beta4'],
  fields: {
    '': 'apiVersion kind caCertPath controlPlane discovery dryRun nodeRegistration patches skipPhases timeouts'.split(
      ' ',
    ),
    discovery: ['bootstrapToken', 'file', 'tlsBootstrapToken'],
    'discovery.bootstrapToken': ['apiServerEndpoint', 'caCertHashes', 'token', 'unsafeSkipCAVerification'],
    'discovery.file': ['kubeConfigPath'],
    nodeRegistration:
      'criSocket ignorePreflightErrors imagePullPolicy imagePullSerial kubeletExtraArgs name taints'.split(' '),
  },
}

/** What podium's kubeadm does not do: better said than passed over. How images of the control plane are pulled is nothing to a worker. */
const notSimulated = ['caCertPath', 'controlPlane', 'dryRun', 'patches', 'skipPhases', 'timeouts']
const notSimulatedOfNode = ['criSocket', 'kubeletExtraArgs', 'taints']
/** What they are anyway may be said. */
const asItIs: readonly unknown[] = [
  '/etc/kubernetes/pki/ca.crt',
  'unix:///run/containerd/containerd.sock',
  'unix:///var/run/containerd/containerd.sock',
]

/** @throws KubeadmError for a field of another type */
function readFields(value: Fields) {
  const struct = 'JoinConfiguration'
  const textAt = (of: Fields, path: string) => fieldOf<string>(of, struct, path, 'string', isText)
  const flagAt = (of: Fields, path: string) => fieldOf<boolean>(of, struct, path, 'bool', isFlag)
  const objectAt = (of: Fields, path: string, type: string) => fieldOf<Fields>(of, struct, path, type, isRecord)
  const textsAt = (of: Fields, path: string) => fieldOf<string[]>(of, struct, path, '[]string', isTexts) ?? []
  const node = objectAt(value, 'nodeRegistration', 'v1beta4.NodeRegistrationOptions') ?? {}
  for (const [of, names, before] of [
    [value, notSimulated, ''],
    [node, notSimulatedOfNode, 'nodeRegistration.'],
  ] as const)
    for (const name of names) {
      const given = of[name]
      const isEmpty = !given || asItIs.includes(given) || (typeof given === 'object' && Object.keys(given).length === 0)
      if (!isEmpty) throw new KubeadmError(`podium: ${before}${name} of a JoinConfiguration is not simulated`)
    }
  const discovery = objectAt(value, 'discovery', 'v1beta4.Discovery') ?? {}
  const token = objectAt(discovery, 'discovery.bootstrapToken', 'v1beta4.BootstrapTokenDiscovery')
  const file = objectAt(discovery, 'discovery.file', 'v1beta4.FileDiscovery')
  const inToken = 'discovery.bootstrapToken'
  return {
    discovery: {
      ...(token
        ? {
            bootstrapToken: {
              apiServerEndpoint: textAt(token, `${inToken}.apiServerEndpoint`) ?? '',
              token: textAt(token, `${inToken}.token`) ?? '',
              caCertHashes: textsAt(token, `${inToken}.caCertHashes`),
              unsafeSkipCAVerification: flagAt(token, `${inToken}.unsafeSkipCAVerification`) ?? false,
            },
          }
        : {}),
      ...(file ? { file: { kubeConfigPath: pathOf(textAt(file, 'discovery.file.kubeConfigPath') ?? '') } } : {}),
      tlsBootstrapToken: textAt(discovery, 'discovery.tlsBootstrapToken') ?? '',
    },
    nodeRegistration: {
      name: textAt(node, 'nodeRegistration.name') ?? '',
      ignorePreflightErrors: textsAt(node, 'nodeRegistration.ignorePreflightErrors'),
    },
  }
}

/** A URL of a file is its path. */
const pathOf = (text: string): string => text.replace(/^file:\/\/(?=\/)/, '')

/** Each as kubeadm words it, in its order. */
function problemsOf({ process }: Invocation, { bootstrapToken, file, tlsBootstrapToken }: JoinConfiguration): string[] {
  const problems: string[] = []
  const invalid = (path: string, value: string, why: string): void =>
    void problems.push(`${path}: Invalid value: ${JSON.stringify(value)}: ${why}`)
  const checkToken = (path: string, token: string): void => {
    if (!bootstrapTokenPattern.test(token)) invalid(path, token, 'the bootstrap token is invalid')
  }
  if (!bootstrapToken && !file) invalid('discovery', '', 'bootstrapToken or file must be set')
  if (bootstrapToken && file) invalid('discovery', '', 'bootstrapToken and file cannot both be set')
  if (bootstrapToken) {
    const { apiServerEndpoint: endpoint, caCertHashes, token, unsafeSkipCAVerification } = bootstrapToken
    const path = 'discovery.bootstrapToken'
    if (endpoint === '') problems.push(`${path}: Required value: APIServerEndpoint is not set`)
    if (caCertHashes.length === 0 && !unsafeSkipCAVerification)
      invalid(
        `${path}.caCertHashes`,
        '',
        'using token-based discovery without caCertHashes can be unsafe. Set unsafeSkipCAVerification as true in your kubeadm config file or pass --discovery-token-unsafe-skip-ca-verification flag to continue',
      )
    checkToken(`${path}.token`, token)
    const why = hostPortProblem(endpoint)
    if (why !== undefined) invalid(`${path}.apiServerEndpoint`, endpoint, why)
    checkToken('discovery.tlsBootstrapToken', tlsBootstrapToken)
  }
  if (file) {
    const { kubeConfigPath: path } = file
    const [, scheme] = /^([a-z][a-z0-9+.-]*):/i.exec(path) ?? []
    if (scheme === undefined && !process.files.exists(path))
      invalid('discovery.file.kubeConfigPath', path, 'not a valid HTTPS URL or a file on disk')
    else if (scheme !== undefined && scheme !== 'https')
      invalid('discovery.file.kubeConfigPath', path, 'if a URL is used, the scheme must be https')
    if (tlsBootstrapToken !== '') checkToken('discovery.tlsBootstrapToken', tlsBootstrapToken)
  }
  return problems
}

/** Why a text is no host with a port, as Go's net.SplitHostPort says. */
function hostPortProblem(text: string): string | undefined {
  const told = (why: string): string => `address ${text}: ${why}`
  const bare = text.replace(/^\[[^\]]*\]/, '')
  const colons = bare.split(':').length - 1
  if (text === '') return 'missing port in address'
  return colons === 0 ? told('missing port in address') : colons > 1 ? told('too many colons in address') : undefined
}
