import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IPAddress, ServiceCIDR } from '../../sim/api/networking/types.ts'
import { canDelete } from '../../sim/controllers/service-cidr/controller.ts'

const range = (name: string, ...cidrs: string[]): ServiceCIDR => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { cidrs },
  status: {},
})
const address = (name: string, managedBy = 'ipallocator.k8s.io'): IPAddress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'ipaddress.kubernetes.io/managed-by': managedBy },
  },
  spec: { parentRef: { resource: 'services', namespace: 'default', name: 's' } },
})

const going = range('going', '10.1.0.0/24')
const cases = [
  { name: 'nothing is in it', others: [], addresses: [address('10.2.0.1')], want: true },
  { name: 'an address of the allocator is in it alone', others: [], addresses: [address('10.1.0.7')], want: false },
  { name: 'the address is somebody else’s', others: [], addresses: [address('10.1.0.7', 'gateway')], want: true },
  {
    name: 'a wider range holds it',
    others: [range('wide', '10.1.0.0/16')],
    addresses: [address('10.1.0.7')],
    want: true,
  },
  {
    name: 'the same range is there again',
    others: [range('twin', '10.1.0.0/24')],
    addresses: [address('10.1.0.7')],
    want: true,
  },
  {
    name: 'a narrower range holds the address',
    others: [range('narrow', '10.1.0.0/28')],
    addresses: [address('10.1.0.7')],
    want: true,
  },
  {
    name: 'a narrower range holds one address of two',
    others: [range('narrow', '10.1.0.0/28')],
    addresses: [address('10.1.0.7'), address('10.1.0.99')],
    want: false,
  },
]
for (const { name, others, addresses, want } of cases)
  test(`a range of Services may ${want ? '' : 'not '}go when ${name}`, () => {
    assert.equal(canDelete(going, [going, ...others], addresses), want)
  })
