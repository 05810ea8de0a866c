/**
 * kubeadm certs: when the certificates of a node of the control plane expire, and new ones in their place.
 * Sources: cmd/kubeadm/app/cmd/certs.go, phases/certs/renewal
 */

import { configMaps } from '../../../api/core/config-map.ts'
import { decodeBase64Text, encodeBase64Text } from '../../../api/meta/base64.ts'
import { printHumanDuration } from '../../../api/meta/duration.ts'
import { StatusError } from '../../../api/meta/status-error.ts'
import { CommandFailed } from '../../../components/component.ts'
import { destinationOf } from '../../../components/kubeconfig.ts'
import { authorities, certificates, issue, type KnownCertificate } from '../../../kubeadm/certificates.ts'
import { printYaml } from '../../../kubectl/printers/yaml.ts'
import { parseYamlValue } from '../../../kubectl/yaml.ts'
import { type Certificate, readFirstCertificate } from '../../../pki/x509.ts'
import { clientFor } from '../../cluster-client.ts'
import { printColumns } from '../../table.ts'
import { folderOf, loadAuthority, pathsOf, readCertificateFile } from './authority.ts'
import { type Invocation, type KubeadmCommand, KubeadmError } from './command-line.ts'

const FOLDER = '/etc/kubernetes'
const ADMIN_CONF = `${FOLDER}/admin.conf`
const CERTIFICATE_KEY_BYTES = 32
const places = { text: ['cert-dir', 'config', 'kubeconfig'] }

export const certs: KubeadmCommand = {
  name: 'certs',
  short: 'Commands related to handling Kubernetes certificates',
  commands: [
    {
      name: 'certificate-key',
      short: 'Generate certificate keys',
      run: ({ process }) =>
        process.stdout.write(
          `${Array.from({ length: CERTIFICATE_KEY_BYTES }, () =>
            Math.floor(process.random() * 256)
              .toString(16)
              .padStart(2, '0'),
          ).join('')}\n`,
        ),
    },
    {
      name: 'check-expiration',
      short: 'Check certificates expiration for a Kubernetes cluster',
      flags: { text: [...places.text, 'output'] },
      run: checkExpiration,
    },
    {
      name: 'renew',
      short: 'Renew certificates for a Kubernetes cluster',
      commands: [
        ...certificates.map((known) => ({
          name: known.name,
          short: `Renew the ${known.longName}`,
          flags: places,
          run(invocation: Invocation) {
            readConfiguration(invocation, 'renew')
            renew(invocation, known)
          },
        })),
        {
          name: 'all',
          short: 'Renew all available certificates',
          flags: places,
          run(invocation: Invocation) {
            readConfiguration(invocation, 'renew')
            for (const known of certificates) renew(invocation, known)
            invocation.process.stdout.write(
              '\nDone renewing certificates. You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd, so that they can use the new certificates.\n',
            )
          },
        },
      ],
    },
  ],
}

/** Says whether the cluster could be asked how it was set up; without it the usual way is gone by. */
function readConfiguration({ process, machine, flags }: Invocation, prefix: string): void {
  const say = (line: string): void => process.stdout.write(`[${prefix}] ${line}\n`)
  const path = flags.get('kubeconfig') ?? ADMIN_CONF
  if (!process.files.exists(path)) return
  say('Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...')
  say("Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.")
  try {
    clientFor(machine, destinationOf(process, path)).get(configMaps, {
      namespace: 'kube-system',
      name: 'kubeadm-config',
    })
    process.stdout.write('\n')
  } catch (error) {
    if (!(error instanceof StatusError || error instanceof CommandFailed)) throw error
    say('Error reading configuration from the Cluster. Falling back to default configuration\n')
  }
}

interface KubeconfigFile {
  value: Record<string, unknown>
  user: Record<string, unknown>
  cluster: Record<string, unknown>
}

type Entry = { name?: string } & Record<string, unknown>

/** A kubeconfig with the parts that its context names. @throws KubeadmError */
function readKubeconfig({ process }: Invocation, path: string): KubeconfigFile {
  const value = parseYamlValue(process.files.read(path)) as Record<string, unknown> | undefined
  const entry = (list: unknown, name: unknown): Entry | undefined =>
    Array.isArray(list) ? (list as Entry[]).find((item) => item?.name === name) : undefined
  const context = entry(value?.contexts, value?.['current-context'])?.context as Record<string, unknown> | undefined
  const current = String(value?.['current-context'] ?? '')
  if (!value || !context) throw new KubeadmError(`invalid kubeConfig file ${path}: missing context ${current}`)
  const cluster = entry(value.clusters, context.cluster)?.cluster as Record<string, unknown> | undefined
  if (!cluster) throw new KubeadmError(`invalid kubeConfig file ${path}: missing cluster ${context.cluster}`)
  const user = entry(value.users, context.user)?.user as Record<string, unknown> | undefined
  if (!user) throw new KubeadmError(`invalid kubeConfig file ${path}: missing authInfo ${context.user}`)
  if (!user['client-certificate-data'])
    throw new KubeadmError(`kubeConfig file ${path} does not have an embedded client certificate`)
  return { value, user, cluster }
}

/** The certificate as it is now; undefined where it is missing. @throws KubeadmError */
function currentOf(invocation: Invocation, known: KnownCertificate): Certificate | undefined {
  const { process } = invocation
  if (!known.isKubeconfig) {
    const { certificate } = pathsOf(folderOf(invocation), known.file)
    return process.files.exists(certificate) ? readCertificateFile(process, certificate) : undefined
  }
  const path = `${FOLDER}/${known.file}`
  if (!process.files.exists(path)) return undefined
  const pem = decodeBase64Text(String(readKubeconfig(invocation, path).user['client-certificate-data'])) ?? ''
  const found = readFirstCertificate(pem)
  if (!found) throw new KubeadmError(`kubeConfig file ${path} does not contain a valid client certificate`)
  return found
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Dec 31, 2026 23:59 UTC` */
function dateOf(ms: number): string {
  const iso = new Date(ms).toISOString()
  return `${MONTHS[Number(iso.slice(5, 7)) - 1]} ${iso.slice(8, 10)}, ${iso.slice(0, 4)} ${iso.slice(11, 16)} UTC`
}

/** Its certificate is there and its key is not: somebody else signs. */
function isExternal(invocation: Invocation, file: string): boolean {
  const { certificate, key } = pathsOf(folderOf(invocation), file)
  return invocation.process.files.exists(certificate) && !invocation.process.files.exists(key)
}

const yesNo = (is: boolean): string => (is ? 'yes' : 'no').padEnd(8)

function checkExpiration(invocation: Invocation): void {
  const { process, machine, flags } = invocation
  const output = flags.get('output') ?? 'text'
  if (output !== 'text')
    throw new KubeadmError(`podium: of the formats of check-expiration there is text, not ${output}`)
  readConfiguration(invocation, 'check-expiration')
  const now = machine.engine.epochMs
  const rowOf = ({ notAfterMs }: Certificate): string[] => [
    dateOf(notAfterMs),
    printHumanDuration(Math.trunc((notAfterMs - now) / 1000) * 1000),
  ]
  const rows = certificates.map((known) => {
    const found = currentOf(invocation, known)
    const { file, name } = authorities.find((one) => one.name === known.authority)!
    return found
      ? [known.name, ...rowOf(found), name, yesNo(isExternal(invocation, file))]
      : [`!MISSING! ${known.name}`, '', '', '', '']
  })
  const ofAuthorities = authorities.map(({ name, file }) => {
    const { certificate } = pathsOf(folderOf(invocation), file)
    return process.files.exists(certificate)
      ? [name, ...rowOf(readCertificateFile(process, certificate)), yesNo(isExternal(invocation, file))]
      : [`!MISSING! ${name}`, '', '', '']
  })
  const layout = { minWidth: 10, padding: 3 }
  process.stdout.write(
    `${printColumns([['CERTIFICATE', 'EXPIRES', 'RESIDUAL TIME', 'CERTIFICATE AUTHORITY', 'EXTERNALLY MANAGED'], ...rows], layout)}\n` +
      printColumns(
        [['CERTIFICATE AUTHORITY', 'EXPIRES', 'RESIDUAL TIME', 'EXTERNALLY MANAGED'], ...ofAuthorities],
        layout,
      ),
  )
}

/** The same, told. @throws KubeadmError */
function renew(invocation: Invocation, known: KnownCertificate): void {
  invocation.process.stdout.write(`${renewed(invocation, known)}\n`)
}

/** A new certificate of a new key that says what the old one said. @returns what came of it, in words @throws KubeadmError */
export function renewed(invocation: Invocation, known: KnownCertificate): string {
  const { process, machine } = invocation
  const current = currentOf(invocation, known)
  if (!current) return `MISSING! ${known.longName}`
  const authority = authorities.find(({ name }) => name === known.authority)!
  if (isExternal(invocation, authority.file))
    return `Detected external ${authority.file}, ${known.longName} can't be renewed`
  const issuer = loadAuthority(process, folderOf(invocation), authority.file)
  const { commonName, organizations, usages, names } = current
  const isAddress = (name: string): boolean => /^[\d.]+$|:/.test(name)
  const content = {
    commonName,
    organizations,
    usages,
    dnsNames: names.filter((name) => !isAddress(name)),
    addresses: names.filter(isAddress),
  }
  const { certificate, privateKey } = issue(content, issuer, machine.engine.epochMs)
  if (!known.isKubeconfig) {
    const paths = pathsOf(folderOf(invocation), known.file)
    process.files.write(paths.key, privateKey)
    process.files.write(paths.certificate, certificate)
  } else {
    const path = `${FOLDER}/${known.file}`
    const { value, user, cluster } = readKubeconfig(invocation, path)
    const root = pathsOf(folderOf(invocation), authority.file).certificate
    cluster['certificate-authority-data'] = encodeBase64Text(process.files.read(root))
    user['client-certificate-data'] = encodeBase64Text(certificate)
    user['client-key-data'] = encodeBase64Text(privateKey)
    process.files.write(path, printYaml(value))
  }
  return `${known.longName} renewed`
}
