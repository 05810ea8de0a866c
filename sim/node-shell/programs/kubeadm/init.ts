/**
 * kubeadm init phase: what kubeadm leaves on a node of the control plane, once more: manifests, certificates, kubeconfigs, as its defaults or a
 * configuration have them. Simplified: no control plane is set up from the beginning, and no new authority either.
 * Sources: cmd/kubeadm/app/cmd/phases/init/{controlplane,etcd,certs,kubeconfig}.go, phases/workflow/runner.go
 */

import { decodeBase64Text } from '../../../api/meta/base64.ts'
import { isRecord } from '../../../api/meta/json.ts'
import { authorities, type CertificateContent, certificates, issue } from '../../../kubeadm/certificates.ts'
import { kubeconfigOf, serverOf } from '../../../kubeadm/files.ts'
import { type ControlPlanePlace, type Networking, staticPodManifests } from '../../../kubeadm/manifests.ts'
import { ETCD_DATA } from '../../../kubeadm/places.ts'
import { parseManifest } from '../../../kubectl/yaml.ts'
import { manifestFolder } from '../../../kubelet/manifest-files.ts'
import { readFirstCertificate } from '../../../pki/x509.ts'
import type { Process } from '../../../runtime/process.ts'
import { serverVersion } from '../../../version.ts'
import { folderOf, loadAuthority, pathsOf, readCertificateFile } from './authority.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from './command-line.ts'
import type { ClusterConfiguration } from './upgrade/cluster.ts'
import { extraFlags } from './upgrade/static-pods.ts'

const FOLDER = '/etc/kubernetes'

const everyPhase = {
  text: ['config', 'cert-dir', 'kubernetes-version', 'image-repository', 'patches'],
  bool: ['dry-run'],
}
const ofServer = [
  'apiserver-advertise-address',
  'control-plane-endpoint',
  'apiserver-extra-args',
  'service-cidr',
  'feature-gates',
]

/** They are flags of kubeadm, and are refused rather than passed over. */
const withoutEffect = ['image-repository', 'patches', 'control-plane-endpoint', 'feature-gates']

/** How the cluster is meant to be set up: the defaults, what a file says, and flags. */
interface Configuration extends Omit<ClusterConfiguration, 'kubernetesVersion'> {
  readonly release: string
  readonly ip: string
  readonly networking: Networking
}

/** Of a cluster that nobody told another. Source: cmd/kubeadm/app/apis/kubeadm/v1beta4/defaults.go */
const DEFAULT_SERVICE_SUBNET = '10.96.0.0/12'

/** @throws KubeadmError */
function configurationOf({ process, machine, flags }: Invocation): Configuration {
  const documents = readConfig()
  const cluster = documents.find(({ kind }) => kind === 'ClusterConfiguration') ?? {}
  const own = documents.find(({ kind }) => kind === 'InitConfiguration') ?? {}
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const networking = isRecord(cluster.networking) ? cluster.networking : {}
  const endpoint = isRecord(own.localAPIEndpoint) ? own.localAPIEndpoint : {}
  return {
    ...(cluster as Partial<ClusterConfiguration>),
    release: releaseOf(flags.get('kubernetes-version') ?? text(cluster.kubernetesVersion) ?? 'stable-1'),
    ip: flags.get('apiserver-advertise-address') ?? text(endpoint.advertiseAddress) ?? machine.ip,
    networking: {
      podSubnet: flags.get('pod-network-cidr') ?? text(networking.podSubnet) ?? '',
      serviceSubnet: flags.get('service-cidr') ?? text(networking.serviceSubnet) ?? DEFAULT_SERVICE_SUBNET,
    },
  }

  function readConfig(): Record<string, unknown>[] {
    const path = flags.get('config')
    if (path === undefined) return []
    if (!process.files.exists(path))
      throw new KubeadmError(
        `unable to read config from ${JSON.stringify(path)} : open ${path}: no such file or directory`,
      )
    return parseManifest(process.files.read(path), path)
      .map(({ value }) => value as unknown)
      .filter(isRecord)
  }
}

/** A label such as `stable-1` is asked for in the internet, where the newest release is the simulator's. @throws KubeadmError */
function releaseOf(text: string): string {
  if (/^(?:stable|latest)(?:-\d+(?:\.\d+)?)?$/.test(text)) return serverVersion
  const [, version] = /^v?(\d+\.\d+\.\d+)$/.exec(text) ?? []
  if (version === undefined)
    throw new KubeadmError(
      `version ${JSON.stringify(text)} doesn't match patterns for neither semantic version nor labels (stable, latest, ...)`,
    )
  return `v${version}`
}

type Say = (line: string) => void

const sayer =
  ({ process }: Invocation, prefix: string): Say =>
  (line) =>
    process.stdout.write(`[${prefix}] ${line}\n`)

/** What every phase reads before it says anything. @throws KubeadmError */
function prepared(invocation: Invocation): Configuration {
  if (invocation.flags.get('dry-run') === 'true')
    throw new KubeadmError('podium: a dry run of a phase is not simulated')
  const ignored = withoutEffect.find((flag) => invocation.flags.has(flag))
  if (ignored !== undefined) throw new KubeadmError(`podium: --${ignored} is not simulated for a phase`)
  return configurationOf(invocation)
}

/** `--apiserver-extra-args a=1,b=2` */
function ofFlag({ flags }: Invocation, name: string): Record<string, Record<string, string>> {
  const text = flags.get(`${name.replace('kube-', '')}-extra-args`)
  if (!text) return {}
  const pairs = text.split(',').map((pair) => pair.split('='))
  return { [name]: Object.fromEntries(pairs.map(([flag, ...value]) => [flag, value.join('=')])) }
}

function writeManifest(invocation: Invocation, configuration: Configuration, name: string): void {
  const { process, machine } = invocation
  const { release, ip, networking, ...given } = configuration
  const place = { name: machine.shape.name, ip }
  const extra = { ...extraFlags(given), ...ofFlag(invocation, name) }
  const made = staticPodManifests(place, [place], release, extra, networking)
  process.files.mkdir(manifestFolder, { parents: true })
  process.files.write(`${manifestFolder}/${name}.yaml`, made[`${name}.yaml`]!, { mode: 0o600 })
}

const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

function makeComponents(invocation: Invocation, names: readonly string[]): void {
  const configuration = prepared(invocation)
  const say = sayer(invocation, 'control-plane')
  if (names.length > 1) say(`Using manifest folder ${JSON.stringify(manifestFolder)}`)
  for (const name of names) {
    say(`Creating static Pod manifest for ${JSON.stringify(name)}`)
    writeManifest(invocation, configuration, name)
  }
}

function makeEtcd(invocation: Invocation): void {
  const configuration = prepared(invocation)
  const { files } = invocation.process
  if (!files.exists(ETCD_DATA)) files.mkdir(ETCD_DATA, { parents: true, mode: 0o700 })
  sayer(invocation, 'etcd')(`Creating static Pod manifest for local etcd in ${JSON.stringify(manifestFolder)}`)
  writeManifest(invocation, configuration, 'etcd')
}

const inFiles = certificates.filter(({ isKubeconfig }) => !isKubeconfig)
/** In the order of the phase. Source: phases/certs/certlist.go GetDefaultCertList */
const phaseOrder = [
  ...['ca', 'apiserver', 'apiserver-kubelet-client', 'front-proxy-ca', 'front-proxy-client', 'etcd-ca'],
  ...['etcd-server', 'etcd-peer', 'etcd-healthcheck-client', 'apiserver-etcd-client', 'sa'],
]

function makeCertificates(invocation: Invocation, names: readonly string[]): void {
  const { ip } = prepared(invocation)
  const say = sayer(invocation, 'certs')
  if (names.length > 1) say(`Using certificateDir folder ${JSON.stringify(folderOf(invocation))}`)
  for (const name of names) makeCertificate(invocation, { name: invocation.machine.shape.name, ip }, name, say)
}

/** @throws KubeadmError */
function makeCertificate(invocation: Invocation, place: ControlPlanePlace, name: string, say: Say): void {
  const { process, machine } = invocation
  const folder = folderOf(invocation)
  const isThere = (file: string): boolean => process.files.exists(pathsOf(folder, file).certificate)
  if (name === 'sa') {
    if (!process.files.exists(`${folder}/sa.key`))
      throw new KubeadmError(`podium: a new key for service accounts is not simulated: bring back ${folder}/sa.key`)
    say('Using the existing "sa" key')
    return
  }
  const authority = authorities.find((one) => one.name === name)
  if (authority) {
    const { certificate, key } = pathsOf(folder, authority.file)
    if (!isThere(authority.file))
      throw new KubeadmError(`podium: a new authority is not simulated: bring back ${certificate}`)
    const what = process.files.exists(key) ? 'certificate authority' : 'keyless certificate authority'
    say(`Using existing ${authority.file} ${what}`)
    return
  }
  const known = inFiles.find((one) => one.name === name)!
  const { file } = authorities.find((one) => one.name === known.authority)!
  if (isThere(known.file)) {
    readCertificateFile(process, pathsOf(folder, known.file).certificate)
    say(`Using existing ${known.file} certificate and key on disk`)
    return
  }
  const content = known.content(place)
  const { certificate, privateKey } = issue(content, loadAuthority(process, folder, file), machine.engine.epochMs)
  say(`Generating ${JSON.stringify(known.file)} certificate and key`)
  const paths = pathsOf(folder, known.file)
  process.files.write(paths.key, privateKey, { mode: 0o600 })
  process.files.write(paths.certificate, certificate)
  const { dnsNames = [], addresses = [] } = content
  if (content.usages.includes('server auth'))
    say(`${known.file} serving cert is signed for DNS names [${dnsNames.join(' ')}] and IPs [${addresses.join(' ')}]`)
}

const kubeconfigs = ['admin', 'super-admin', 'kubelet', 'controller-manager', 'scheduler']

function makeKubeconfigs(invocation: Invocation, names: readonly string[]): void {
  const { ip } = prepared(invocation)
  const say = sayer(invocation, 'kubeconfig')
  const folder = invocation.flags.get('kubeconfig-dir')?.replace(/\/$/, '') || FOLDER
  if (names.length > 1) say(`Using kubeconfig folder ${JSON.stringify(folder)}`)
  const place = { name: invocation.machine.shape.name, ip }
  for (const name of names) makeKubeconfig(invocation, place, `${folder}/${name}.conf`, say)
}

/** @throws KubeadmError for one that is there already and trusts another cluster */
function makeKubeconfig(invocation: Invocation, place: ControlPlanePlace, path: string, say: Say): void {
  const { process, machine, flags } = invocation
  const [folder, file] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)]
  const issuer = loadAuthority(process, folderOf(invocation), 'ca')
  const authority = process.files.read(pathsOf(folderOf(invocation), 'ca').certificate)
  if (process.files.exists(path)) {
    if (!trusts(process, process.files.read(path), authority))
      throw new KubeadmError(
        `a kubeconfig file ${JSON.stringify(path)} exists but does not contain a trusted CA in its current context's cluster. Total CA certificates found: 1`,
      )
    say(`Using existing kubeconfig file: ${JSON.stringify(path)}`)
    return
  }
  const content: CertificateContent =
    file === 'kubelet.conf'
      ? {
          commonName: `system:node:${flags.get('node-name') ?? place.name}`,
          organizations: ['system:nodes'],
          usages: ['client auth'],
        }
      : certificates.find((known) => known.file === file)!.content(place)
  const issued = issue(content, issuer, machine.engine.epochMs)
  say(`Writing ${JSON.stringify(file)} kubeconfig file`)
  const text = kubeconfigOf({ user: content.commonName, server: serverOf(file, place), authority, issued })
  process.files.mkdir(folder, { parents: true })
  process.files.write(path, text, { mode: 0o600 })
}

function trusts({ files }: Process, kubeconfig: string, authority: string): boolean {
  const [, data = ''] = /certificate-authority-data: *(\S+)/.exec(kubeconfig) ?? []
  const [, file = ''] = /certificate-authority: *(\S+)/.exec(kubeconfig) ?? []
  const text = data ? decodeBase64Text(data) : files.exists(file) ? files.read(file) : undefined
  const [found, own] = [readFirstCertificate(text ?? ''), readFirstCertificate(authority)]
  return found !== undefined && own !== undefined && JSON.stringify(found) === JSON.stringify(own)
}

/** A phase with parts, each by itself or all of them. */
const family = (
  name: string,
  short: string,
  parts: Readonly<Record<string, string>>,
  flags: KubeadmCommand['flags'],
  run: (invocation: Invocation, names: readonly string[]) => void,
): KubeadmCommand => ({
  name,
  short,
  commands: [
    ...Object.entries(parts).map(([part, what]) => ({
      ...{ name: part, short: what, flags },
      run: (invocation: Invocation) => run(invocation, [part]),
    })),
    { ...{ name: 'all', short, flags }, run: (invocation: Invocation) => run(invocation, Object.keys(parts)) },
  ],
})

const shortOf: Readonly<Record<string, string>> = Object.fromEntries(
  phaseOrder.map((name) => {
    const known = [...inFiles, ...authorities].find((one) => one.name === name)
    return [
      name,
      known
        ? `Generate the ${known.longName}`
        : 'Generate a private key for signing service account tokens along with its public key',
    ]
  }),
)

const others = [
  ...['preflight', 'kubelet-start', 'upload-config', 'upload-certs', 'mark-control-plane', 'bootstrap-token'],
  ...['kubelet-finalize', 'addon', 'wait-control-plane', 'show-join-command'],
]

const notSimulated = (name: string, path: string): KubeadmCommand => ({
  name,
  short: 'Not simulated',
  takesArguments: true,
  run() {
    throw new KubeadmError(`podium: ${path} is not simulated: the machines of this cluster are set up already`)
  },
})

export const init: KubeadmCommand = {
  ...notSimulated('init', 'kubeadm init'),
  short: 'Run this command in order to set up the Kubernetes control plane',
  flags: {
    ...everyPhase,
    text: [...everyPhase.text, ...ofServer, 'pod-network-cidr', 'node-name', 'token', 'skip-phases'],
  },
  commands: [
    {
      name: 'phase',
      short: 'Use this command to invoke single phase of the "init" workflow',
      commands: [
        family(
          'certs',
          'Certificate generation',
          shortOf,
          { ...everyPhase, text: [...everyPhase.text, ...ofServer] },
          makeCertificates,
        ),
        family(
          'kubeconfig',
          'Generate all kubeconfig files necessary to establish the control plane and the admin kubeconfig file',
          Object.fromEntries(kubeconfigs.map((name) => [name, `Generate a kubeconfig file: ${name}.conf`])),
          { ...everyPhase, text: [...everyPhase.text, ...ofServer, 'kubeconfig-dir', 'node-name'] },
          makeKubeconfigs,
        ),
        {
          name: 'etcd',
          short: 'Generate static Pod manifest file for local etcd',
          commands: [
            {
              name: 'local',
              short: 'Generate the static Pod manifest file for a local, single-node local etcd instance',
              flags: everyPhase,
              run: makeEtcd,
            },
          ],
        },
        family(
          'control-plane',
          'Generate all static Pod manifest files necessary to establish the control plane',
          Object.fromEntries(
            components.map((name) => [name.replace('kube-', ''), `Generates the ${name} static Pod manifest`]),
          ),
          {
            ...everyPhase,
            text: [
              ...everyPhase.text,
              ...ofServer,
              'pod-network-cidr',
              'controller-manager-extra-args',
              'scheduler-extra-args',
            ],
          },
          (invocation, names) =>
            makeComponents(
              invocation,
              names.map((name) => `kube-${name}`),
            ),
        ),
        ...others.map((name) => notSimulated(name, `kubeadm init phase ${name}`)),
      ],
    },
  ],
}
