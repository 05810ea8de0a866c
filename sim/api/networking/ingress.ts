/** Ingress, networking.k8s.io/v1. Source: kubernetes/pkg/registry/networking/ingress/strategy.go */
import type { Kind } from '../meta/kind.ts'
import { ageColumn, column, nameColumn } from '../meta/table.ts'
import { validateIngress, validateIngressUpdate } from './ingress-validation.ts'
import type { Ingress } from './types.ts'

export const ingresses: Kind<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  categories: [],
  isNamespaced: true,
  apiVersion: 'networking.k8s.io/v1',
  schema: 'io.k8s.api.networking.v1.Ingress',
  applyDefaults: (ingress) => {
    ingress.spec ??= {}
    if (ingress.spec.defaultBackend && ingress.spec.rules?.length === 0) delete ingress.spec.rules
  },
  prepareForCreate: (ingress) => {
    ingress.status = { loadBalancer: {} }
  },
  prepareForUpdate: (ingress, old) => {
    ingress.status = old.status
  },
  prepareForStatusUpdate: (ingress, old) => {
    ingress.spec = old.spec
  },
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  hasStatus: true,
  generationOf: ({ spec }) => spec,
  columns: [
    nameColumn,
    column('Class', 'string', 'Which controller it is for.', ({ spec }) => spec.ingressClassName ?? '<none>'),
    column('Hosts', 'string', 'The hosts of its rules.', printHosts),
    column('Address', 'string', 'Where it is reached.', printAddress),
    column('Ports', 'string', '443 with TLS.', ({ spec }) => (spec.tls?.length ? '80, 443' : '80')),
    ageColumn,
  ],
  notSimulated: ['spec.defaultBackend.resource', 'spec.rules[].http.paths[].backend.resource'],
}

function printHosts({ spec }: Ingress): string {
  const all = (spec.rules ?? []).flatMap(({ host }) => (host ? [host] : []))
  const shown = all.slice(0, 3).join(',')
  if (all.length === 0) return '*'
  return all.length > 3 ? `${shown} + ${(spec.rules ?? []).length - 3} more...` : shown
}

function printAddress({ status }: Ingress): string {
  return (status?.loadBalancer?.ingress ?? [])
    .flatMap(({ ip, hostname }) => (ip || hostname ? [ip || hostname!] : []))
    .join(',')
}
