/** Defaults of volume sources that a Pod and a PersistentVolume share. Source: kubernetes/pkg/apis/core/v1/defaults.go */

type Source = Record<string, unknown>

const DEFAULTS: Readonly<Record<string, Readonly<Source>>> = {
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
  // The empty type means "mount whatever is there", and is written out.
  hostPath: { type: '' },
}

/** Sources whose fields are pointers: what is given, be it empty, stays. */
const POINTERS = new Set(['azureDisk', 'hostPath'])

/** @param holder a volume of a Pod, or the spec of a PersistentVolume */
export function defaultVolumeSources(holder: Readonly<Record<string, unknown>>): void {
  for (const [name, defaults] of Object.entries(DEFAULTS)) {
    const source = holder[name] as Source | undefined
    if (!source) continue
    for (const [field, value] of Object.entries(defaults))
      if (source[field] === undefined || (source[field] === '' && !POINTERS.has(name))) source[field] = value
  }
}
