/**
 * What the container runtime finds where CNI's settings lie: the first file by name that can be read is the one it goes by.
 * Simplified: of a configuration only the plugins' types count. Sources: containerd, internal/cri/server/cni_conf_syncer.go; libcni of CNI
 */
import { isRecord } from '../api/meta/json.ts'
import type { ContainerFiles } from '../runtime/file-system.ts'

export const cniFolder = '/etc/cni/net.d'

/** In /opt/cni/bin, as the packages kubernetes-cni and flannel put them there. */
const plugins = new Set(
  'bandwidth bridge dhcp dummy firewall flannel host-device host-local ipvlan loopback macvlan portmap ptp sbr static tap tuning vlan vrf'.split(
    ' ',
  ),
)

/** `missing`: no network can be made, and the node is not ready. `failure`: what a call of ADD says. */
export interface CniState {
  readonly missing?: true
  readonly failure?: string
}

export function cniStateOf(files: ContainerFiles): CniState {
  const names =
    files.exists(cniFolder) && files.stat(cniFolder).type === 'directory'
      ? files.list(cniFolder).filter((name) => /\.(?:conf|conflist|json)$/.test(name))
      : []
  for (const name of names) {
    const types = typesIn(files.read(`${cniFolder}/${name}`))
    if (!types) continue
    const unknown = types.find((type) => !plugins.has(type))
    return unknown === undefined
      ? {}
      : { failure: `plugin type="${unknown}" failed (add): failed to find plugin "${unknown}" in path [/opt/cni/bin]` }
  }
  return { missing: true }
}

/** Undefined for a file that is no configuration. */
function typesIn(text: string): string[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(value) || typeof value.name !== 'string' || value.name === '') return undefined
  const list = Array.isArray(value.plugins) ? value.plugins : [value]
  const types = list.map((plugin) => (isRecord(plugin) && typeof plugin.type === 'string' ? plugin.type : ''))
  return types.length > 0 && types.every(Boolean) ? types : undefined
}

/** What the runtime says of its network then. */
export const networkNotReady =
  'NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'
