/**
 * Kubernetes' own images. Nodes list them; on a control-plane node that runs static Pods they are its control plane, anywhere else a Pod of
 * one says that it does nothing here.
 */
import type { Image } from '../runtime/process.ts'
import { controlPlanePart } from './programs/control-plane-part.ts'
import { notSimulated } from './programs/not-simulated.ts'

const versions = [
  ...['v1.28.0', 'v1.29.0', 'v1.30.0', 'v1.31.0', 'v1.32.0', 'v1.33.0', 'v1.34.0', 'v1.35.0'],
  ...['v1.36.0', 'v1.36.1', 'v1.36.2'],
]
const sizes: Readonly<Record<string, number>> = {
  'kube-apiserver': 30_000_000,
  'kube-controller-manager': 27_000_000,
  'kube-scheduler': 21_000_000,
  'kube-proxy': 31_000_000,
  kubectl: 24_000_000,
}

export const kubernetesComponents: readonly Image[] = [
  ...Object.entries(sizes).map(([name, sizeBytes]) => ({
    repositories: [name],
    tags: versions,
    sizeBytes,
    entrypoint: [`/usr/local/bin/${name}`],
    programs: { [`/usr/local/bin/${name}`]: controlPlanePart(`/usr/local/bin/${name}`, notSimulated) },
  })),
  {
    repositories: ['metrics-server/metrics-server'],
    tags: ['v0.6.4', 'v0.7.2', 'v0.8.0'],
    sizeBytes: 19_500_000,
    entrypoint: ['/metrics-server'],
    user: '65534',
    programs: { '/metrics-server': notSimulated },
  },
]
