/** Faults as commands: what breaks, and what comes back. Each is a cause of its own in the trace. */
import { pods } from '../api/core/pod.ts'
import { type CompiledSelector, compileSelector } from '../api/meta/label-selector.ts'
import { keyOf } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status-error.ts'
import type { ApiServer } from '../apiserver/api-server.ts'
import type { Client } from '../client/client.ts'
import type { ControlPlane } from '../control-plane.ts'
import { CommandRefused } from '../engine/command-refused.ts'
import type { Engine } from '../engine/engine.ts'
import type { Nodes } from '../nodes.ts'
import type { Fault } from '../scenario/types.ts'

export interface FaultTargets {
  engine: Engine
  server: ApiServer
  client: Client
  nodes: Nodes
  controlPlane: ControlPlane
}

/** @throws CommandRefused when the fault names what is not there */
export function injectFault(targets: FaultTargets, fault: Fault): void {
  const { engine, server, client, nodes, controlPlane } = targets
  const note = (text: string) => engine.trace.record('fault', text)
  switch (fault.kind) {
    case 'node':
      note(`node ${fault.node} ${fault.state}`)
      if (fault.state === 'down') nodes.powerOff(fault.node)
      else if (fault.state === 'shutdown') nodes.shutDown(fault.node)
      else nodes.powerOn(fault.node)
      return
    case 'join':
      note(`node ${fault.node.name} joins`)
      nodes.join(fault.node)
      return
    case 'partition':
      note(`node ${fault.node} ${fault.state === 'healed' ? 'connected again' : `cut off ${fault.state}`}`)
      nodes.setPartition(fault.node, fault.state)
      return
    case 'runtime':
      note(`container runtime of ${fault.node} ${fault.state}`)
      nodes.setRuntime(fault.node, fault.state)
      return
    case 'cni':
      note(`container network of ${fault.node} ${fault.state}`)
      nodes.setCni(fault.node, fault.state)
      return
    case 'disk':
      note(`disk of ${fault.node} ${fault.state}`)
      nodes.setDisk(fault.node, fault.state)
      return
    case 'memory':
      note(`memory of ${fault.node} ${fault.state}`)
      nodes.setMemory(fault.node, fault.state)
      return
    case 'pids':
      note(`processes of ${fault.node} ${fault.state}`)
      nodes.setPids(fault.node, fault.state)
      return
    case 'kubelet':
      note(`kubelet of ${fault.node} ${fault.state}`)
      if (fault.state === 'stopped') nodes.stopKubelet(fault.node)
      else nodes.startKubelet(fault.node)
      return
    case 'registry':
      note(`image registry ${fault.state}`)
      nodes.setRegistry(fault.state)
      return
    case 'component':
      note(`${fault.component} ${fault.state}`)
      if (fault.state === 'stopped') controlPlane.stop(fault.component)
      else controlPlane.start(fault.component)
      return
    case 'pod': {
      const namespace = fault.namespace ?? 'default'
      const selector = selectorOf(fault.selector)
      const pod = server
        .storedList(pods, namespace)
        .find(
          ({ metadata }) =>
            (!fault.name || metadata.name === fault.name) &&
            selector.matches(metadata.labels ?? {}) &&
            !metadata.deletionTimestamp,
        )
      if (!pod) return
      note(`${fault.act} pod ${pod.metadata.name}`)
      if (fault.act === 'kill') nodes.killContainers(pod)
      else attempt(() => client.delete(pods, keyOf(pod)))
    }
  }
}

/** What the API server does not do, because it is stopped, is left undone. */
function attempt(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
  }
}

function selectorOf(text: string | undefined): CompiledSelector {
  try {
    return compileSelector(text)
  } catch (error) {
    throw new CommandRefused(`the selector ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}
