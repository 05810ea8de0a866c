/** ss: what listens on the node. Source: ss(8) */
import type { Process } from '../../runtime/process.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'
import { servicePid } from './systemctl.ts'

interface Listener {
  protocol: 'tcp' | 'udp'
  address: string
  port: number
  process?: { name: string; pid: number }
}

export const ss: NodeProgram = {
  path: '/usr/bin/ss',
  make: (machine) =>
    function* (process) {
      yield* []
      const letters = process.argv.slice(1).join('')
      const showsUdp = letters.includes('u') || !letters.includes('t')
      const showsTcp = letters.includes('t') || !letters.includes('u')
      const listeners = letters.includes('l') || letters.includes('a') ? listenersOf(machine, process) : []
      const shown = listeners.filter(({ protocol }) => (protocol === 'tcp' ? showsTcp : showsUdp))
      const hasType = showsTcp && showsUdp
      const rows = shown.map(({ protocol, address, port, process: owner }) => ({
        type: protocol,
        state: protocol === 'tcp' ? 'LISTEN' : 'UNCONN',
        queue: protocol === 'tcp' ? '4096' : '0',
        address,
        port: String(port),
        peer: address === '*' ? '*' : '0.0.0.0',
        owner: letters.includes('p') && owner ? `users:(("${owner.name}",pid=${owner.pid},fd=12))` : '',
      }))
      const width = (head: string, cells: readonly string[]): number =>
        Math.max(head.length, ...cells.map((cell) => cell.length))
      const stateWidth = width(
        'State',
        rows.map(({ state }) => state),
      )
      const localWidth =
        width(
          'Local Address',
          rows.map(({ address }) => address),
        ) + 1
      const portWidth =
        width(
          'Port',
          rows.map(({ port }) => port),
        ) + 1
      const peerWidth = width(
        'Peer Address',
        rows.map(({ peer }) => peer),
      )
      const line = (
        type: string,
        state: string,
        receive: string,
        send: string,
        local: string,
        port: string,
        peer: string,
        peerPort: string,
        owner: string,
      ): string =>
        `${hasType ? type.padEnd(6) : ''}${state.padEnd(stateWidth)} ${receive.padEnd(6)} ${send.padEnd(6)} ${local.padStart(localWidth - 1)}:${port.padEnd(portWidth)} ${peer.padStart(peerWidth)}:${peerPort.padEnd(4)}${owner}\n`
      process.stdout.write(
        line('Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address', 'Port', 'Peer Address', 'Port', 'Process'),
      )
      for (const row of rows)
        process.stdout.write(line(row.type, row.state, '0', row.queue, row.address, row.port, row.peer, '*', row.owner))
      return 0
    },
}

/** sshd, the kubelet, and what the processes of Pods on the node's network listen on. */
function listenersOf(machine: NodeMachine, { network }: Process): Listener[] {
  // In the namespace of a Pod.
  if (network.linkIndex !== 0)
    return (['TCP', 'UDP'] as const).flatMap((protocol) =>
      network.listeningPorts(protocol).map((port) => ({
        protocol: protocol === 'TCP' ? ('tcp' as const) : ('udp' as const),
        address: network.isLocal(port, protocol) ? '127.0.0.1' : '0.0.0.0',
        port,
      })),
    )
  const pid = servicePid(machine, 'kubelet')
  const kubelet = pid === undefined ? undefined : { name: 'kubelet', pid }
  const listening = (['TCP', 'UDP'] as const).flatMap((protocol) =>
    machine.network.listeningPorts(protocol).map((port): Listener => {
      const { readOnlyPort } = machine.kubelet
      const ofKubelet = port === readOnlyPort ? '*' : kubeletAddresses[port]
      const isKubelets = kubelet !== undefined && protocol === 'TCP' && ofKubelet !== undefined
      return {
        protocol: protocol === 'TCP' ? 'tcp' : 'udp',
        address: isKubelets ? ofKubelet : machine.network.isLocal(port, protocol) ? '127.0.0.1' : '0.0.0.0',
        port,
        ...(isKubelets ? { process: kubelet } : {}),
      }
    }),
  )
  return [{ protocol: 'tcp' as const, address: '0.0.0.0', port: 22 }, ...listening].sort((a, b) =>
    a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.port - b.port,
  )
}

const kubeletAddresses: Readonly<Record<number, string>> = { 10248: '127.0.0.1', 10250: '*' }
