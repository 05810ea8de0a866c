/** What of a cluster's shape somebody may ask for. Pure. */
import { releases } from '../../../sim/forms.ts'
import type { ClusterShape, NodeShape } from '../../../sim/index.ts'
import { msg, type Values } from '../../i18n/translate.ts'
import { LabRefusal } from '../types.ts'

const nodeName = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/
/** How long the certificates of a control plane hold. */
const YEAR_SECONDS = 31_536_000
const quantity = /^\d+(\.\d+)?(m|k|[KMGTPE]i?)?$/

/** The nodes of the control plane, where it is kept on nodes. */
const controlPlaneNodes = ({ controlPlane }: Pick<ClusterShape, 'controlPlane'>): string[] => {
  if (controlPlane === undefined) return []
  if (controlPlane.members === 1) return controlPlane.staticPods ? ['control-plane'] : []
  return Array.from({ length: controlPlane.members }, (_, n) => `control-plane-${n + 1}`)
}

/** The nodes whose member of etcd may be stopped by itself. */
export const membersOf = (shape: Pick<ClusterShape, 'controlPlane'>): string[] =>
  shape.controlPlane?.staticPods ? [] : controlPlaneNodes(shape)

/** Whether to set it up alone takes more at a time than a process of many has for one: a control plane on nodes takes 100 to 500 ms, another one 30. */
export const isDemandingShape = (shape: Pick<ClusterShape, 'controlPlane'>): boolean =>
  controlPlaneNodes(shape).length > 0

/** Why there cannot be such a cluster; undefined when there can. */
export function shapeRefusal(shape: ClusterShape, mostNodes: number): LabRefusal | undefined {
  const { nodes, controlPlane } = shape
  if (controlPlane !== undefined && ![1, 3, 5].includes(controlPlane?.members))
    return refusal(msg('A control plane has 1, 3 or 5 members of etcd, not {n}.'), {
      n: JSON.stringify(controlPlane?.members) ?? '',
    })
  if (controlPlane?.release !== undefined && !(controlPlane.staticPods && releases.includes(controlPlane.release)))
    return refusal(msg('A control plane of static Pods has one of these releases: {known}; not {given}.'), {
      known: releases.join(', '),
      given: JSON.stringify(controlPlane.release) ?? '',
    })
  if (controlPlane?.staticPods !== undefined && typeof controlPlane.staticPods !== 'boolean')
    return refusal(msg('Whether the control plane runs as static Pods is true or false, not {given}.'), {
      given: JSON.stringify(controlPlane.staticPods) ?? '',
    })
  const expiry = controlPlane?.certificatesExpireInSeconds
  if (expiry !== undefined && !(Number.isInteger(expiry) && expiry >= 0 && expiry <= YEAR_SECONDS))
    return refusal(msg('Certificates expire in 0 to {most} seconds, not {given}.'), {
      most: YEAR_SECONDS,
      given: JSON.stringify(expiry) ?? '',
    })
  if (nodes.length === 0 || nodes.length > mostNodes)
    return refusal(msg('A sandbox has 1 to {most} nodes, not {n}.'), { most: mostNodes, n: nodes.length })
  const machine = nodes.find(({ joined }) => joined === false)
  if (machine && !controlPlane?.staticPods)
    return refusal(msg('The machine {name} can join only a cluster whose control plane is static Pods.'), {
      name: machine.name,
    })
  const names = [...nodes.map(({ name }) => name), ...controlPlaneNodes(shape)]
  const twice = names.find((name, place) => names.indexOf(name) !== place)
  if (twice !== undefined) return refusal(msg('Two nodes are called {name}.'), { name: twice })
  for (const node of nodes) {
    const found = nodeRefusal(node)
    if (found) return found
  }
  return undefined
}

function nodeRefusal({ name, cpu, memory, disk, pods }: NodeShape): LabRefusal | undefined {
  if (!nodeName.test(name))
    return refusal(msg('A node cannot be called {name}: a name consists of letters a to z, digits, "-" and ".".'), {
      name: JSON.stringify(name),
    })
  for (const [what, given] of Object.entries({ cpu, memory, disk }))
    if (given !== undefined && !quantity.test(given))
      return refusal(msg('{node}: {what} is not a quantity such as 2, 500m or 8Gi: {given}'), {
        node: name,
        what,
        given,
      })
  if (pods !== undefined && !(Number.isInteger(pods) && pods >= 1 && pods <= 1000))
    return refusal(msg('{node}: a node takes 1 to 1000 Pods, not {n}.'), { node: name, n: pods })
  return undefined
}

const refusal = (text: string, values: Values): LabRefusal => new LabRefusal(422, text, values)
