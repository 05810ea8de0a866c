/**
 * kubeadm join: a machine with the packages on it becomes a worker. Simplified: no control plane is joined, kubeadm asks for the kubelet's first
 * certificate in the kubelet's place, and the signature below cluster-info is not written there, but known.
 * Sources: cmd/kubeadm/app/cmd/join.go, cmd/phases/join, discovery/token
 */
import { certificateSigningRequests, hasCondition } from '../../../api/certificates/certificate-signing-request.ts'
import { configMaps } from '../../../api/core/config-map.ts'
import { nodes } from '../../../api/core/node.ts'
import { decodeBase64Text, encodeBase64Text } from '../../../api/meta/base64.ts'
import { findCondition } from '../../../api/meta/object.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import type { Client, UserInfo } from '../../../client/client.ts'
import type { Destination } from '../../../components/trust.ts'
import { makeRequest, requestPem } from '../../../images/programs/openssl/make.ts'
import type { Run } from '../../../images/programs/support.ts'
import { kubeletKubeconfig } from '../../../kubeadm/kubelet-config.ts'
import { KUBELET_CONF, PKI } from '../../../kubeadm/places.ts'
import { kubeletCredential } from '../../../kubelet/service/startup.ts'
import { writeName } from '../../../pki/issue.ts'
import { pkcs1Pem, rsaKey } from '../../../pki/rsa-key.ts'
import type { Process, Wait } from '../../../runtime/process.ts'
import { waitFor } from '../../../runtime/process.ts'
import { clientFor, refusedRequest } from '../../cluster-client.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from './command-line.ts'
import { type Credentials, discover, type Identity } from './discovery.ts'
import { type JoinConfiguration, joinConfigurationOf } from './join-configuration.ts'
import { judgePreflight } from './preflight.ts'

const BOOTSTRAP_MS = 5 * 60_000
const HEALTHY_MS = 4 * 60_000
const POLL_MS = 1000
const BOOTSTRAP_CONF = '/etc/kubernetes/bootstrap-kubelet.conf'
const CA_FILE = `${PKI}/ca.crt`

export const join: KubeadmCommand = {
  name: 'join',
  short: 'Run this on any machine you wish to join an existing cluster',
  takesArguments: true,
  flags: {
    text: [
      ...[
        'config',
        'certificate-key',
        'cri-socket',
        'discovery-file',
        'discovery-token',
        'discovery-token-ca-cert-hash',
      ],
      ...['ignore-preflight-errors', 'node-name', 'patches', 'skip-phases', 'tls-bootstrap-token', 'token'],
      'apiserver-advertise-address',
    ],
    bool: ['control-plane', 'discovery-token-unsafe-skip-ca-verification', 'dry-run'],
  },
  waits: run,
}

function* run(invocation: Invocation): Run {
  const { process, machine, flags } = invocation
  const say = (text: string): void => process.stdout.write(`${text}\n`)
  if (flags.get('control-plane') === 'true')
    throw new KubeadmError(
      'podium: a second node of the control plane is not simulated: this machine can become a worker',
    )
  for (const flag of ['dry-run', 'skip-phases'])
    if (flags.has(flag)) throw new KubeadmError(`podium: --${flag} of kubeadm join is not simulated`)
  const configuration = joinConfigurationOf(invocation)
  const name = configuration.nodeName ?? machine.shape.name
  if (name !== machine.shape.name)
    throw new KubeadmError(`podium: a node has the name of its machine here, ${machine.shape.name}`)
  say('[preflight] Running pre-flight checks')
  checkMachine(invocation, configuration)
  const identity = yield* discover(invocation, configuration)
  const { authority, server, credentials } = identity
  const user = 'token' in credentials ? machine.userOfToken(credentials.token) : undefined
  const destination: Destination = {
    server: `https://${server}`,
    host: server.split(':')[0]!,
    authorities: authority,
    certificate: 'certificate' in credentials ? credentials.certificate : undefined,
    hasToken: user !== undefined,
  }
  const ask = <T>(words: string, path: string, act: (client: Client) => T): T =>
    asked(invocation, destination, user, words, path, act)
  say('[preflight] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...')
  say("[preflight] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.")
  const read = (configMap: string) =>
    ask(
      'error execution phase preflight: unable to fetch the kubeadm-config ConfigMap: failed to get config map',
      `/api/v1/namespaces/kube-system/configmaps/${configMap}?timeout=10s`,
      (client) => client.get(configMaps, { namespace: 'kube-system', name: configMap }),
    ).data ?? {}
  read('kubeadm-config')
  const { kubelet = '' } = read('kubelet-config')
  const known = ask('error execution phase kubelet-start', `/api/v1/nodes/${name}?timeout=10s`, (client) =>
    client.find(nodes, { name, namespace: '' }),
  )
  if (known && findCondition(known.status.conditions, 'Ready')?.status === 'True')
    throw new KubeadmError(
      `error execution phase kubelet-start: a Node with name ${JSON.stringify(name)} and status "Ready" already exists in the cluster. You must delete the existing Node or change the name of this new joining Node`,
    )
  writeFiles(process, identity, kubelet)
  for (const line of [
    'Writing kubelet configuration to file "/var/lib/kubelet/instance-config.yaml"',
    'Writing kubelet configuration to file "/var/lib/kubelet/config.yaml"',
    'Writing kubelet environment file with flags to file "/var/lib/kubelet/kubeadm-flags.env"',
    'Starting the kubelet',
  ])
    say(`[kubelet-start] ${line}`)
  say('[kubelet-check] Waiting for a healthy kubelet at http://127.0.0.1:10248/healthz. This can take up to 4m0s')
  try {
    yield* untilHealthy(invocation)
    say('[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap')
    const issued = yield* bootstrap(invocation, name, ask)
    process.files.write(kubeletCredential, issued)
    process.files.chmod(kubeletCredential, 0o600)
    process.files.write(KUBELET_CONF, kubeletKubeconfig(server))
  } finally {
    if (process.files.exists(BOOTSTRAP_CONF)) process.files.remove(BOOTSTRAP_CONF)
  }
  machine.kubelet.stop()
  machine.kubelet.start()
  say(done)
  return 0
}

const done = `
This node has joined the cluster:
* Certificate signing request was sent to apiserver and a response was received.
* The Kubelet was informed of the new secure connection details.

Run 'kubectl get nodes' on the control-plane to see this node join the cluster.
`

/** @throws KubeadmError when it still ends after four minutes */
function* untilHealthy({ process, machine }: Invocation): Generator<Wait, void, unknown> {
  machine.kubelet.stop()
  machine.kubelet.start()
  const startMs = process.nowEpochMs()
  for (;;) {
    yield* waitFor(process.sleep(POLL_MS))
    const ms = Math.round(process.nowEpochMs() - startMs)
    if (machine.kubelet.isBootstrapping || machine.kubelet.isRunning) {
      process.stdout.write(`[kubelet-check] The kubelet is healthy after ${ms / 1000}s\n`)
      return
    }
    if (ms < HEALTHY_MS) continue
    process.stdout.write(`[kubelet-check] The kubelet is not healthy after ${ms / 1000}s\n`)
    throw new KubeadmError(
      `error execution phase kubelet-wait-bootstrap: failed while waiting for the kubelet to start: The HTTP call equal to 'curl -sSL http://127.0.0.1:10248/healthz' returned error: Get "http://127.0.0.1:10248/healthz": dial tcp 127.0.0.1:10248: connect: connection refused`,
    )
  }
}

/** @throws KubeadmError where the machine is a node already */
function checkMachine(invocation: Invocation, { ignorePreflightErrors }: JoinConfiguration): void {
  const { process, machine } = invocation
  const isThere = (path: string) => (process.files.exists(path) ? `${path} already exists` : undefined)
  judgePreflight(
    invocation,
    [
      ['FileAvailable--etc-kubernetes-kubelet.conf', isThere(KUBELET_CONF)],
      ['FileAvailable--etc-kubernetes-bootstrap-kubelet.conf', isThere(BOOTSTRAP_CONF)],
      ['Port-10250', machine.kubelet.isRunning ? 'Port 10250 is in use' : undefined],
      ['FileAvailable--etc-kubernetes-pki-ca.crt', isThere(CA_FILE)],
    ],
    'error execution phase preflight: preflight checks failed',
    ignorePreflightErrors,
  )
}

/** @throws KubeadmError */
function asked<T>(
  { machine }: Invocation,
  where: Destination,
  user: UserInfo | undefined,
  words: string,
  path: string,
  act: (client: Client) => T,
): T {
  try {
    return act(clientFor(machine, where, user))
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw new KubeadmError(
      `${words}: ${error.reason === 'Unreachable' ? refusedRequest(where, path, error.message) : error.message}`,
    )
  }
}

/** What the kubelet needs to begin. */
function writeFiles({ files }: Process, { server, authority, credentials }: Identity, configuration: string): void {
  for (const folder of [PKI, '/var/lib/kubelet/pki']) files.mkdir(folder, { parents: true })
  files.write(CA_FILE, authority)
  files.write(BOOTSTRAP_CONF, bootstrapKubeconfig(server, authority, credentials))
  files.write('/var/lib/kubelet/config.yaml', configuration)
  files.write(
    '/var/lib/kubelet/instance-config.yaml',
    'apiVersion: kubelet.config.k8s.io/v1beta1\ncontainerRuntimeEndpoint: unix:///run/containerd/containerd.sock\nkind: KubeletConfiguration\n',
  )
  files.write('/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS=""\n')
}

const bootstrapKubeconfig = (server: string, authority: string, credentials: Credentials): string => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${encodeBase64Text(authority)}
    server: https://${server}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: tls-bootstrap-token-user
  name: tls-bootstrap-token-user@kubernetes
current-context: tls-bootstrap-token-user@kubernetes
kind: Config
users:
- name: tls-bootstrap-token-user
  user:
${
  'token' in credentials
    ? `    token: ${credentials.token}`
    : `    client-certificate-data: ${encodeBase64Text(credentials.certificate)}\n    client-key-data: ${encodeBase64Text(credentials.key)}`
}
`

/** The kubelet's first certificate, with its key behind it. @throws KubeadmError when nobody approves it */
function* bootstrap(
  { process }: Invocation,
  node: string,
  ask: <T>(words: string, path: string, act: (client: Client) => T) => T,
): Generator<Wait, string, unknown> {
  const words = 'error execution phase kubelet-wait-bootstrap: failed while waiting for TLS bootstrap'
  const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
  const key = rsaKey(`kubelet of ${node} at ${process.nowEpochMs()}`)
  const request = requestPem(makeRequest(writeName(`system:node:${node}`, ['system:nodes']), key, []))
  const { metadata } = ask(words, path, (client) =>
    client.create(certificateSigningRequests, {
      metadata: { generateName: 'csr-', name: '' },
      spec: {
        request: encodeBase64Text(request),
        signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
        usages: ['digital signature', 'client auth'],
      },
    }),
  )
  const endMs = process.nowEpochMs() + BOOTSTRAP_MS
  for (;;) {
    const csr = ask(words, `${path}/${metadata.name}`, (client) =>
      client.get(certificateSigningRequests, { namespace: '', name: metadata.name }),
    )
    if (csr.status.certificate) return `${decodeBase64Text(csr.status.certificate)}${pkcs1Pem(key)}`
    if (hasCondition(csr, 'Denied'))
      throw new KubeadmError(`${words}: certificate signing request ${metadata.name} is denied`)
    if (process.nowEpochMs() >= endMs) throw new KubeadmError(`${words}: timed out waiting for the condition`)
    yield* waitFor(process.sleep(POLL_MS))
  }
}
