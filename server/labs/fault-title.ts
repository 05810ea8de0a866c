/** A fault in words, as the title of a step; in the language of the request, where there is one. */
import type { Fault } from '../../sim/index.ts'
import { msg, t } from '../i18n/translate.ts'

const onNode: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  node: {
    down: msg('node {node} goes down'),
    up: msg('node {node} goes up'),
    shutdown: msg('node {node} is shut down'),
  },
  partition: {
    'from-control-plane': msg('node {node} is cut off from the control plane'),
    'from-all': msg('node {node} is cut off from everything'),
    healed: msg('node {node} is connected again'),
  },
  runtime: {
    stopped: msg('the container runtime of {node} is stopped'),
    started: msg('the container runtime of {node} is started'),
  },
  cni: {
    failing: msg('the Pod network of {node} is failing'),
    working: msg('the Pod network of {node} is working'),
  },
  disk: {
    low: msg('the disk of {node} is low'),
    full: msg('the disk of {node} is full'),
    freed: msg('the disk of {node} is freed'),
  },
  memory: {
    low: msg('the memory of {node} is low'),
    freed: msg('the memory of {node} is freed'),
  },
  pids: {
    low: msg('the process numbers of {node} are low'),
    freed: msg('the process numbers of {node} are freed'),
  },
  kubelet: {
    stopped: msg('the kubelet of {node} is stopped'),
    started: msg('the kubelet of {node} is started'),
  },
}

const registry = {
  down: msg('the image registry is down'),
  slow: msg('the image registry is slow'),
  up: msg('the image registry is up'),
}

const component = {
  stopped: msg('{component} is stopped'),
  started: msg('{component} is started'),
}

const pod = {
  kill: msg('kill the Pod {name}'),
  delete: msg('delete the Pod {name}'),
}

export function faultTitle(fault: Fault): string {
  switch (fault.kind) {
    case 'join':
      return t('node {node} joins the cluster', { node: fault.node.name })
    case 'registry':
      return t(registry[fault.state])
    case 'component':
      return t(component[fault.state], { component: fault.component })
    case 'pod':
      return t(pod[fault.act], { name: fault.name ?? fault.selector ?? '' })
    default:
      return t(onNode[fault.kind]![fault.state]!, { node: fault.node })
  }
}
