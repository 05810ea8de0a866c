/** A fault in words, as the title of a step. */
import type { Fault } from '../../sim/index.ts'

export function faultTitle(fault: Fault): string {
  switch (fault.kind) {
    case 'node':
      return fault.state === 'shutdown' ? `node ${fault.node} is shut down` : `node ${fault.node} goes ${fault.state}`
    case 'join':
      return `node ${fault.node.name} joins the cluster`
    case 'partition':
      return fault.state === 'healed'
        ? `node ${fault.node} is connected again`
        : `node ${fault.node} is cut off ${fault.state === 'from-all' ? 'from everything' : 'from the control plane'}`
    case 'runtime':
      return `the container runtime of ${fault.node} is ${fault.state}`
    case 'cni':
      return `the Pod network of ${fault.node} is ${fault.state}`
    case 'disk':
    case 'memory':
      return `the ${fault.kind} of ${fault.node} is ${fault.state}`
    case 'pids':
      return `the process numbers of ${fault.node} are ${fault.state}`
    case 'kubelet':
      return `the kubelet of ${fault.node} is ${fault.state}`
    case 'registry':
      return `the image registry is ${fault.state}`
    case 'component':
      return `${fault.component} is ${fault.state}`
    case 'pod':
      return `${fault.act} the Pod ${fault.name ?? fault.selector ?? ''}`
  }
}
