/**
 * Which controllers a controller manager runs, and by whose certificate it signs, as its flags say.
 * Sources: cmd/kube-controller-manager/app/certificates.go and controllermanager.go, k8s.io/controller-manager/options/generic.go
 */

import { keyPairProblem } from '../pki/key-pair.ts'
import { readPem } from '../pki/pem.ts'
import { readFirstCertificate } from '../pki/x509.ts'
import type { Process } from '../runtime/process.ts'
import { CommandFailed, type Flags, klogOf, listOf, openFile } from './component.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** By their names, each with what it was called before; where there is no other name the second part is missing. */
const known: ReadonlyMap<string, string> = new Map(
  words(`
    serviceaccount-token-controller=serviceaccount-token endpoints-controller=endpoint endpointslice-controller=endpointslice
    endpointslice-mirroring-controller=endpointslicemirroring replicationcontroller-controller=replicationcontroller
    pod-garbage-collector-controller=podgc resourcequota-controller=resourcequota namespace-controller=namespace
    serviceaccount-controller=serviceaccount garbage-collector-controller=garbagecollector daemonset-controller=daemonset
    job-controller=job deployment-controller=deployment replicaset-controller=replicaset
    horizontal-pod-autoscaler-controller=horizontalpodautoscaling disruption-controller=disruption statefulset-controller=statefulset
    cronjob-controller=cronjob certificatesigningrequest-signing-controller=csrsigning
    certificatesigningrequest-approving-controller=csrapproving certificatesigningrequest-cleaner-controller=csrcleaner
    podcertificaterequest-cleaner-controller ttl-controller=ttl bootstrap-signer-controller=bootstrapsigner
    token-cleaner-controller=tokencleaner node-ipam-controller=nodeipam node-lifecycle-controller=nodelifecycle
    taint-eviction-controller device-taint-eviction-controller persistentvolume-binder-controller=persistentvolume-binder
    persistentvolume-attach-detach-controller=attachdetach persistentvolume-expander-controller=persistentvolume-expander
    clusterrole-aggregation-controller=clusterrole-aggregation persistentvolumeclaim-protection-controller=pvc-protection
    persistentvolume-protection-controller=pv-protection podgroup-protection-controller
    ttl-after-finished-controller=ttl-after-finished root-ca-certificate-publisher-controller=root-ca-cert-publisher
    kube-apiserver-serving-clustertrustbundle-publisher-controller ephemeral-volume-controller=ephemeral-volume
    storageversion-garbage-collector-controller=storage-version-gc resourceclaim-controller=resource-claim-controller
    resourcepoolstatusrequest-controller legacy-serviceaccount-token-cleaner-controller=legacy-service-account-token-cleaner
    validatingadmissionpolicy-status-controller volumeattributesclass-protection-controller service-cidr-controller
    storage-version-migrator-controller=svm selinux-warning-controller service-lb-controller=service
    cloud-node-lifecycle-controller=cloud-node-lifecycle node-route-controller=route
  `).map((word) => word.split('=') as [string, string]),
)

/** Those that run only where they are named. */
const offByDefault: ReadonlySet<string> = new Set(
  words('bootstrap-signer-controller token-cleaner-controller selinux-warning-controller'),
)

/** Whether a controller runs, by its name. @throws CommandFailed for a name that none has */
export function controllersOf(flags: Flags): (name: string) => boolean {
  const wanted = listOf(flags.get('controllers') ?? '*').map((word) => {
    const isOff = word.startsWith('-')
    const given = isOff ? word.slice(1) : word
    const name = [...known].find(([, before]) => before === given)?.[0] ?? given
    if (word !== '*' && !known.has(name))
      throw new CommandFailed(`${JSON.stringify(given)} is not in the list of known controllers`)
    return isOff ? `-${name}` : name
  })
  return (name) => {
    // What other programs do on a real cluster is no affair of these flags.
    if (!known.has(name)) return true
    const said = wanted.find((word) => word === name || word === `-${name}`)
    return said === undefined ? wanted.includes('*') && !offByDefault.has(name) : said === name
  }
}

/** In the order in which they begin. */
const signers = [
  { flag: 'kubelet-serving', name: 'kubernetes.io/kubelet-serving', line: 85 },
  { flag: 'kubelet-client', name: 'kubernetes.io/kube-apiserver-client-kubelet', line: 98 },
  { flag: 'kube-apiserver-client', name: 'kubernetes.io/kube-apiserver-client', line: 111 },
  { flag: 'legacy-unknown', name: 'kubernetes.io/legacy-unknown', line: 124 },
] as const

interface Files {
  readonly certificate: string
  readonly key: string
}

const filesOf = (flags: Flags, of: string): Files => ({
  certificate: flags.get(`cluster-signing-${of}cert-file`) ?? '',
  key: flags.get(`cluster-signing-${of}key-file`) ?? '',
})

const isGiven = ({ certificate, key }: Files): boolean => certificate !== '' || key !== ''

const controller = 'certificatesigningrequest-signing-controller'

/** By signer, the certificate that it signs with, read as it begins to lead. @throws CommandFailed as the controllers cannot begin */
export function openSigners(process: Process, flags: Flags): ReadonlyMap<string, string> {
  const opened = new Map<string, string>()
  const klog = klogOf(process)
  if (!controllersOf(flags)(controller)) {
    klog.say('I', 'controllermanager.go:735', 'Warning: controller is disabled', { controller })
    return opened
  }
  const fail = (why: string): never => {
    klog.say('E', 'controllermanager.go:683', 'Error initializing a controller', { err: why, controller })
    throw new CommandFailed(why)
  }
  const ofAll = filesOf(flags, '')
  const isForAll = ofAll.certificate !== '' && ofAll.key !== ''
  const isForSome = signers.some(({ flag }) => isGiven(filesOf(flags, `${flag}-`)))
  if (!isForAll && !isForSome) {
    klog.say('I', 'certificates.go:59', 'Skipping CSR signer controller because no csr cert/key was specified')
    klog.say('I', 'controllermanager.go:687', 'Warning: skipping controller', { controller })
    return opened
  }
  if (isForAll && isForSome) fail('cannot specify default and per controller certs at the same time')
  for (const { flag, name, line } of signers) {
    const files = isForSome ? filesOf(flags, `${flag}-`) : ofAll
    if (!isGiven(files)) {
      const why = 'because specific files were specified for other signers and not this one'
      klog.say('I', `certificates.go:${line}`, `Skipping CSR signer controller ${why}`, { controller: name })
      continue
    }
    try {
      opened.set(name, openAuthority(process, files))
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error
      fail(`failed to init ${name} certificate controller: ${error.message}`)
    }
  }
  return opened
}

/** Source: kubernetes/pkg/controller/certificates/signer/ca_provider.go */
function openAuthority(process: Process, { certificate: path, key: keyPath }: Files): string {
  const unread = (why: string): CommandFailed =>
    new CommandFailed(`error reading CA cert file ${JSON.stringify(path)}: ${why}`)
  if (path === '' || keyPath === '') throw unread('missing filename for serving cert')
  const inWords = (why: string): string => unread(why).message
  const certificate = openFile(process, path, inWords)
  const problem = keyPairProblem(certificate, openFile(process, keyPath, inWords))
  if (problem !== undefined) throw unread(problem)
  const count = readPem(certificate).filter(({ type }) => type === 'CERTIFICATE').length
  const name = `csr-controller::${path}::${keyPath}`
  if (count !== 1 || !readFirstCertificate(certificate))
    throw new CommandFailed(
      `error reading CA cert file ${JSON.stringify(name)}: expected 1 certificate, found ${count}`,
    )
  return certificate
}
