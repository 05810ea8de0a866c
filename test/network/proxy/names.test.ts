import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chainIdOf, endpointChainOf, nftEndpointNameOf, nftNameOf } from '../../../sim/network/proxy/names.ts'
import type { PortRule, Protocol } from '../../../sim/network/proxy/rules.ts'

const aRule = (name: string, protocol: Protocol = 'TCP'): PortRule => ({ name, protocol }) as PortRule
const endpoint = { ip: '10.180.0.1', port: 80, node: undefined }

// Names as real clusters and the tests of kube-proxy show them.
const cases: { name: string; got: string; want: string }[] = [
  { name: 'the API server', got: chainIdOf(aRule('default/kubernetes:https')), want: 'NPX46M4PTMTKRN6Y' },
  { name: 'DNS by UDP', got: chainIdOf(aRule('kube-system/kube-dns:dns', 'UDP')), want: 'TCOU7JCQXEZGVUNU' },
  { name: 'a port of a Service', got: chainIdOf(aRule('ns1/svc1:p80')), want: 'XPGD46QRK7WJZT7O' },
  {
    name: 'an endpoint',
    got: endpointChainOf(aRule('ns1/svc1:p80'), endpoint),
    want: 'KUBE-SEP-SXIVWICOYRO3J4NJ',
  },
  { name: 'a chain of nftables', got: nftNameOf(aRule('ns1/svc1:p80')), want: 'ULMVA6XW-ns1/svc1/tcp/p80' },
  {
    name: 'an endpoint in nftables',
    got: nftEndpointNameOf(aRule('ns1/svc1:p80'), endpoint),
    want: '5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80',
  },
]
for (const { name, got, want } of cases)
  test(`chains are called as kube-proxy calls them: ${name}`, () => assert.equal(got, want))
