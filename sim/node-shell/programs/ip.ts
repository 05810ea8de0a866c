/** ip: the node's interfaces and routes, as flannel and the bridge plugin make them. Sources: ip(8); flannel's vxlan backend */

import { hash32 } from '../../engine/random.ts'
import { charge } from '../../engine/work.ts'
import { hardwareAddress } from '../../images/programs/network.ts'
import { parseIp, printIp } from '../../network/address.ts'
import { addressesOf, type PortRule } from '../../network/proxy/rules.ts'
import type { Process, Wait } from '../../runtime/process.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'

interface Interface {
  index: number
  name: string
  /** What stands behind the name of one end of a pair: `@if2`. */
  peer?: string
  flags: string
  mtu: number
  qdisc: string
  master?: string
  state: string
  group?: string
  queue?: number
  link: string
  hardware: string
  broadcast: string
  /** What stands behind the hardware address: `link-netns cni-…`. */
  link2?: string
  addresses: { address: string; scope: string; broadcast?: string; label: string }[]
}

export const ip: NodeProgram = {
  path: '/usr/sbin/ip',
  make: (machine) =>
    function* (process) {
      const words = process.argv.slice(1)
      const options = words.filter((word) => word.startsWith('-'))
      const [object = '', ...rest] = words.filter((word) => !word.startsWith('-'))
      const is = (full: string): boolean => object !== '' && full.startsWith(object)
      if (rest.some((word) => ['add', 'del', 'set', 'delete', 'change', 'replace', 'append', 'flush'].includes(word))) {
        process.stderr.write('ip: podium shows the network of a node and changes none of it\n')
        return 2
      }
      if (object !== '' && 'netns'.startsWith(object) && !is('neighbour'))
        return yield* namespaces(process, machine, words)
      const pod = podOf(process, machine)
      const named = rest.filter((word) => !['show', 'list', 'ls', 'dev', 'table', 'main'].includes(word))
      if (is('route')) process.stdout.write(printRoutes(machine, pod, named[0] === 'get' ? named[1] : undefined))
      else if (is('address') || is('link')) {
        const all = pod ? interfacesOfPod(machine, pod) : interfacesOf(machine)
        return printInterfaces(process, all, !is('address'), options, named[0])
      } else if (is('neighbour')) process.stdout.write(pod ? printGateway(machine) : printNeighbours(machine))
      else {
        process.stderr.write(
          object === ''
            ? 'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n'
            : `Object "${object}" is unknown, try "ip help".\n`,
        )
        return object === '' ? 255 : 1
      }
      return 0
    },
}

/** As the kernel makes them for devices without one: locally administered. */
function hardwareOf(text: string): string {
  const number = hash32(text)
  return ['3a', 'c2', ...[24, 16, 8, 0].map((shift) => ((number >>> shift) & 255).toString(16).padStart(2, '0'))].join(
    ':',
  )
}

const gatewayOf = (podCIDR: string): string => printIp((parseIp(podCIDR.split('/')[0]) ?? 0) + 1)

const loopback: Interface = {
  index: 1,
  name: 'lo',
  flags: '<LOOPBACK,UP,LOWER_UP>',
  mtu: 65536,
  qdisc: 'noqueue',
  state: 'UNKNOWN',
  queue: 1000,
  link: 'loopback',
  hardware: '00:00:00:00:00:00',
  broadcast: '00:00:00:00:00:00',
  addresses: [{ address: '127.0.0.1/8', scope: 'host', label: 'lo' }],
}

function interfacesOf(machine: NodeMachine): Interface[] {
  const { shape, podCIDR } = machine
  const { name } = shape
  const gateway = gatewayOf(podCIDR)
  const base = podCIDR.split('/')[0]
  const up = '<BROADCAST,MULTICAST,UP,LOWER_UP>'
  const ether = { link: 'ether', broadcast: 'ff:ff:ff:ff:ff:ff' }
  const pods = machine.podAddresses()
  const list: Interface[] = [
    loopback,
    {
      index: 2,
      name: 'eth0',
      flags: up,
      mtu: 1500,
      qdisc: 'fq_codel',
      state: 'UP',
      queue: 1000,
      ...ether,
      hardware: hardwareOf(`${name}/eth0`),
      addresses: [{ address: `${machine.ip}/16`, scope: 'global', broadcast: '172.18.255.255', label: 'eth0' }],
    },
  ]
  const rules = machine.rules()
  charge(stepsOfInterface * pods.length)
  if (rules.proxy.mode === 'ipvs')
    list.push({
      index: list.length + 1,
      name: 'kube-ipvs0',
      flags: '<BROADCAST,NOARP>',
      mtu: 1500,
      qdisc: 'noop',
      state: 'DOWN',
      ...ether,
      hardware: hardwareOf(`${name}/kube-ipvs0`),
      addresses: [...new Set(rules.rules().flatMap(chargedAddresses))]
        .sort((a, b) => (parseIp(a) ?? 0) - (parseIp(b) ?? 0))
        .map((address) => ({ address: `${address}/32`, scope: 'global', label: 'kube-ipvs0' })),
    })
  list.push({
    index: list.length + 1,
    name: 'flannel.1',
    flags: up,
    mtu: 1450,
    qdisc: 'noqueue',
    state: 'UNKNOWN',
    ...ether,
    hardware: hardwareOf(`${name}/flannel.1`),
    addresses: [{ address: `${base}/32`, scope: 'global', label: 'flannel.1' }],
  })
  if (pods.length > 0)
    list.push({
      index: list.length + 1,
      name: 'cni0',
      flags: up,
      mtu: 1450,
      qdisc: 'noqueue',
      state: 'UP',
      queue: 1000,
      ...ether,
      hardware: hardwareOf(`${name}/cni0`),
      addresses: [{ address: `${gateway}/24`, scope: 'global', broadcast: base.replace(/\d+$/, '255'), label: 'cni0' }],
    })
  for (const { uid, linkIndex } of pods)
    list.push({
      index: linkIndex,
      name: `veth${hash32(uid).toString(16).padStart(8, '0')}`,
      peer: '@if2',
      flags: up,
      mtu: 1450,
      qdisc: 'noqueue',
      master: 'cni0',
      state: 'UP',
      queue: 1000,
      ...ether,
      hardware: hardwareOf(`veth/${uid}`),
      link2: `link-netns cni-${namespaceName(uid)}`,
      addresses: [],
    })
  return list
}

interface PodPlace {
  readonly uid: string
  readonly ip: string
  readonly linkIndex: number
}

/** The Pod whose network namespace the process is in; undefined in the node's. */
const podOf = ({ network }: Process, machine: NodeMachine): PodPlace | undefined =>
  network.linkIndex === 0 ? undefined : machine.podAddresses().find(({ ip: address }) => address === network.ip)

/** The other end of a veth pair: `@if` and its number on the node. */
function interfacesOfPod({ podCIDR }: NodeMachine, { ip: address, linkIndex }: PodPlace): Interface[] {
  const up = '<BROADCAST,MULTICAST,UP,LOWER_UP>'
  return [
    loopback,
    {
      index: 2,
      name: 'eth0',
      peer: `@if${linkIndex}`,
      flags: up,
      mtu: 1450,
      qdisc: 'noqueue',
      state: 'UP',
      queue: 1000,
      link: 'ether',
      broadcast: 'ff:ff:ff:ff:ff:ff',
      hardware: hardwareAddress(address),
      link2: 'link-netnsid 0',
      addresses: [
        {
          address: `${address}/24`,
          scope: 'global',
          broadcast: podCIDR.split('/')[0]!.replace(/\d+$/, '255'),
          label: 'eth0',
        },
      ],
    },
  ]
}

/** ip netns: those of Pods have names, below /run/netns. Source: ip-netns(8) */
function* namespaces(
  process: Process,
  machine: NodeMachine,
  words: readonly string[],
): Generator<Wait, number, unknown> {
  const [verb = 'list', name, ...argv] = words.slice(words.findIndex((word) => 'netns'.startsWith(word)) + 1)
  const pods = machine.podAddresses().map((pod) => ({ ...pod, name: `cni-${namespaceName(pod.uid)}` }))
  if ('list'.startsWith(verb) || verb === 'show' || verb === 'ls') {
    for (const pod of pods) process.stdout.write(`${pod.name} (id: ${pod.linkIndex - 5})\n`)
    return 0
  }
  if (!'exec'.startsWith(verb)) {
    process.stderr.write('ip: podium shows the network of a node and changes none of it\n')
    return 2
  }
  const pod = pods.find((one) => one.name === name)
  if (!pod) {
    process.stderr.write(`Cannot open network namespace "${name ?? ''}": No such file or directory\n`)
    return 1
  }
  const sandbox = machine.kubelet.runtime.allPods.get(pod.uid)?.sandbox
  const numbers = { net: sandbox?.namespaces.net }
  const started = process.exec({ argv, enter: { network: sandbox?.network, numbers } })
  if (!('error' in started)) yield started
  else process.stderr.write(`exec of "${argv[0] ?? ''}" failed: No such file or directory\n`)
  return 255
}

/** Of computing: an interface, and an address of one. */
const stepsOfInterface = 30
const stepsOfAddress = 10

function chargedAddresses(rule: PortRule): readonly string[] {
  const addresses = addressesOf(rule)
  charge(stepsOfAddress * addresses.length)
  return addresses
}

/** As containerd calls the namespace: a random uuid. */
export function namespaceName(uid: string): string {
  const digits = [0, 1, 2, 3]
    .map((i) =>
      hash32(`netns/${uid}`, i + 1)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function printInterfaces(
  process: Process,
  all: readonly Interface[],
  isLink: boolean,
  options: readonly string[],
  wanted: string | undefined,
): number {
  const shown = wanted === undefined ? all : all.filter(({ name }) => name === wanted)
  if (shown.length === 0) {
    process.stderr.write(`Device "${wanted}" does not exist.\n`)
    return 1
  }
  if (options.some((word) => /^-br(ief)?$/.test(word))) {
    for (const { name, peer = '', state, addresses, hardware, flags } of shown) {
      const facts = isLink ? `${hardware} ${flags} ` : addresses.map(({ address }) => `${address} `).join('')
      process.stdout.write(`${`${name}${peer}`.padEnd(16)} ${state.padEnd(14)} ${facts}\n`)
    }
    return 0
  }
  for (const each of shown) {
    const { index, name, peer = '', flags, mtu, qdisc, master, state, queue, link, hardware, broadcast, link2 } = each
    const mode = isLink ? 'mode DEFAULT ' : ''
    process.stdout.write(
      `${index}: ${name}${peer}: ${flags} mtu ${mtu} qdisc ${qdisc}${master ? ` master ${master}` : ''} state ${state} ${mode}group default${queue ? ` qlen ${queue}` : ''} \n    link/${link} ${hardware} brd ${broadcast}${link2 ? ` ${link2}` : ''}\n`,
    )
    if (isLink) continue
    for (const { address, scope, broadcast: to, label } of each.addresses)
      process.stdout.write(
        `    inet ${address}${to ? ` brd ${to}` : ''} scope ${scope} ${label}\n       valid_lft forever preferred_lft forever\n`,
      )
  }
  return 0
}

function routesOf(machine: NodeMachine): { to: string; text: string; via?: string; dev: string; src: string }[] {
  const { podCIDR, ip: own } = machine
  const gateway = gatewayOf(podCIDR)
  const routes = [
    { to: '0.0.0.0/0', text: 'default via 172.18.0.1 dev eth0 ', via: '172.18.0.1', dev: 'eth0', src: own },
  ]
  const peers = machine.peers().map(({ podCIDR: to }) => {
    const via = to.split('/')[0]
    return { to, text: `${to} via ${via} dev flannel.1 onlink `, via, dev: 'flannel.1', src: podCIDR.split('/')[0] }
  })
  const local =
    machine.podAddresses().length > 0
      ? [
          {
            to: podCIDR,
            text: `${podCIDR} dev cni0 proto kernel scope link src ${gateway} `,
            via: '',
            dev: 'cni0',
            src: gateway,
          },
        ]
      : []
  const pods = [...local, ...peers].sort(
    (a, b) => (parseIp(a.to.split('/')[0]) ?? 0) - (parseIp(b.to.split('/')[0]) ?? 0),
  )
  const node = {
    to: '172.18.0.0/16',
    text: `172.18.0.0/16 dev eth0 proto kernel scope link src ${own} `,
    via: '',
    dev: 'eth0',
    src: own,
  }
  return [...routes, ...pods, node]
}

/** Source: bridge plugin of containernetworking/plugins, with isDefaultGateway */
function routesOfPod({ podCIDR }: NodeMachine, { ip: src }: PodPlace): ReturnType<typeof routesOf> {
  const via = gatewayOf(podCIDR)
  const dev = 'eth0'
  return [
    { to: '0.0.0.0/0', text: `default via ${via} dev eth0 `, via, dev, src },
    { to: podCIDR, text: `${podCIDR} dev eth0 proto kernel scope link src ${src} `, via: '', dev, src },
  ]
}

function printRoutes(machine: NodeMachine, pod: PodPlace | undefined, asked: string | undefined): string {
  const routes = pod ? routesOfPod(machine, pod) : routesOf(machine)
  if (asked === undefined) return routes.map(({ text }) => `${text}\n`).join('')
  const address = parseIp(asked)
  if (address === undefined) return ''
  if (asked === (pod?.ip ?? machine.ip)) return `local ${asked} dev lo src ${asked} uid 0 \n    cache <local> \n`
  const bitsOf = (to: string): number => Number(to.split('/')[1])
  const found = routes
    .filter(({ to }) => {
      const size = 2 ** (32 - bitsOf(to))
      return Math.floor(address / size) === Math.floor((parseIp(to.split('/')[0]) ?? 0) / size)
    })
    .sort((a, b) => bitsOf(b.to) - bitsOf(a.to))[0]
  return `${asked}${found.via ? ` via ${found.via}` : ''} dev ${found.dev} src ${found.src} uid 0 \n    cache \n`
}

function printNeighbours(machine: NodeMachine): string {
  const pods = machine
    .podAddresses()
    .map(({ ip: address }) => `${address} dev cni0 lladdr ${hardwareAddress(address)} REACHABLE \n`)
  const peers = machine
    .peers()
    .map(({ podCIDR }) => `${podCIDR.split('/')[0]} dev flannel.1 lladdr ${hardwareOf(`peer/${podCIDR}`)} PERMANENT \n`)
  return [...pods, ...peers].join('')
}

const printGateway = ({ shape, podCIDR }: NodeMachine): string =>
  `${gatewayOf(podCIDR)} dev eth0 lladdr ${hardwareOf(`${shape.name}/cni0`)} REACHABLE \n`
