/** What the server says of a PersistentVolume. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorsOf, NO_VERSION, type Refusal, type RefusedChange, updateErrorsOf } from '../../stored.ts'

const spec = (part: object = {}) => ({
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/data' }, ...part },
})
const from = (source: object) => spec({ hostPath: undefined, ...source })
const on = (value: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [value] }] }] },
})
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const MODES = 'supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'
const ONE = 'Forbidden: may not specify more than 1 volume type'
const disk = { driver: 'example.com', volumeHandle: 'v' }

const refused: Refusal[] = [
  { name: 'on a node', part: spec(), errors: [] },
  {
    name: 'without anything',
    part: { spec: {} },
    errors: [
      'spec.accessModes: Required value',
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: null: supported values: "storage"',
      'spec: Required value: must specify a volume type',
    ],
  },
  {
    name: 'for each way of use, the last by itself',
    part: spec({ accessModes: ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany'] }),
    errors: [],
  },
  {
    name: 'for one Pod, said twice',
    part: spec({ accessModes: ['ReadWriteOncePod', 'ReadWriteOncePod'] }),
    errors: [],
  },
  {
    name: 'for one Pod and for many nodes',
    part: spec({ accessModes: ['ReadWriteOncePod', 'ReadWriteMany'] }),
    errors: ['spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes'],
  },
  {
    name: 'for one Pod and another use',
    part: spec({ accessModes: ['ReadWriteOncePod', 'Anyhow'] }),
    errors: [`spec.accessModes: Unsupported value: "Anyhow": ${MODES}`],
  },
  {
    name: 'that holds something else',
    part: spec({ capacity: { cpu: '1' } }),
    errors: ['spec.capacity: Unsupported value: {"cpu":"1"}: supported values: "storage"'],
  },
  {
    name: 'that holds something else as well',
    part: spec({ capacity: { storage: '1', cpu: '1' } }),
    errors: ['spec.capacity: Unsupported value: {"cpu":"1","storage":"1"}: supported values: "storage"'],
  },
  {
    name: 'that holds nothing',
    part: spec({ capacity: { storage: '0' } }),
    errors: ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
  },
  {
    name: 'that holds less than nothing',
    part: spec({ capacity: { storage: '-1Ki' } }),
    errors: [
      'spec.capacity[storage]: Invalid value: -1024: must be a valid resource quantity',
      'spec.capacity[storage]: Invalid value: "-1Ki": must be greater than zero',
    ],
  },
  ...['Delete', 'Recycle', 'Retain'].map((persistentVolumeReclaimPolicy) => ({
    name: `whose policy is ${persistentVolumeReclaimPolicy}`,
    part: spec({ persistentVolumeReclaimPolicy }),
    errors: [],
  })),
  {
    name: 'with another policy',
    part: spec({ persistentVolumeReclaimPolicy: 'Keep' }),
    errors: [
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Recycle", "Retain"',
    ],
  },
  {
    name: 'whose policy would wipe the node',
    part: spec({ persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '//' } }),
    errors: ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  },
  {
    name: 'of nodes that nobody names',
    part: spec({ nodeAffinity: {} }),
    errors: ['spec.nodeAffinity.required: Required value: must specify required node constraints'],
  },
  {
    name: 'of nodes of no term',
    part: spec({ nodeAffinity: { required: { nodeSelectorTerms: [] } } }),
    errors: ['spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term'],
  },
  { name: 'of blocks', part: spec({ volumeMode: 'Block', storageClassName: 'a.b' }), errors: [] },
  {
    name: 'of another mode, of a class that is no name',
    part: spec({ volumeMode: 'Tape', storageClassName: 'A' }),
    errors: [
      `spec.storageClassName: Invalid value: "A": ${SUBDOMAIN}`,
      'spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"',
    ],
  },
  { name: 'of a class of attributes', part: from({ csi: disk, volumeAttributesClassName: 'fast' }), errors: [] },
  {
    name: 'of a class of attributes that no driver has',
    part: spec({ volumeAttributesClassName: '' }),
    errors: [
      'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
  },
  {
    name: 'of a class of attributes that is no name',
    part: from({ csi: disk, volumeAttributesClassName: 'A' }),
    errors: [`spec.volumeAttributesClassName: Invalid value: "A": ${SUBDOMAIN}`],
  },
  {
    name: 'in a namespace',
    part: spec(),
    metadata: { namespace: 'default' },
    errors: ['metadata.namespace: Forbidden: not allowed on this type'],
  },
]
for (const { name, part, metadata, errors } of refused)
  test(`a PersistentVolume ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('persistentvolumes', part, metadata), errors))

const sources: { name: string; source: object; errors: string[] }[] = [
  ...['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'].map(
    (type) => ({
      name: `a path of a node of type ${type || 'none'}`,
      source: { hostPath: { path: '/a', type } },
      errors: [],
    }),
  ),
  {
    name: 'a path of a node of another type',
    source: { hostPath: { path: '/a', type: 'Link' } },
    errors: [
      'spec.hostPath.type: Unsupported value: "Link": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
  },
  {
    name: 'no path of a node',
    source: { hostPath: { path: '', type: 'Link' } },
    errors: ['spec.hostPath.path: Required value'],
  },
  {
    name: 'a path of a node that leads back',
    source: { hostPath: { path: '/a/../b' } },
    errors: [`spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'`],
  },
  { name: 'a path of a node with dots', source: { hostPath: { path: '/a..b' } }, errors: [] },
  { name: 'a disk of certain nodes', source: { local: { path: '/a' }, nodeAffinity: on('a') }, errors: [] },
  {
    name: 'a disk of no node, under no path',
    source: { local: { path: '' } },
    errors: [
      'spec.local.path: Required value',
      'spec.nodeAffinity: Required value: Local volume requires node affinity',
    ],
  },
  {
    name: 'a disk under a path that leads back',
    source: { local: { path: '..' }, nodeAffinity: on('a') },
    errors: [`spec.local.path: Invalid value: "..": must not contain '..'`],
  },
  { name: 'a share', source: { nfs: { server: 's', path: '/a' } }, errors: [] },
  {
    name: 'a share of nothing',
    source: { nfs: { server: '', path: '' } },
    errors: [
      'spec.nfs.server: Required value',
      'spec.nfs.path: Required value',
      'spec.nfs.path: Invalid value: "": must be an absolute path',
    ],
  },
  {
    name: 'a share under a path from somewhere',
    source: { nfs: { server: 's', path: 'a/' } },
    errors: ['spec.nfs.path: Invalid value: "a/": must be an absolute path'],
  },
  { name: 'a disk of a driver', source: { csi: disk }, errors: [] },
  { name: 'a disk of a driver in capitals', source: { csi: { ...disk, driver: 'Example.com' } }, errors: [] },
  {
    name: 'no disk of no driver',
    source: { csi: { driver: '', volumeHandle: '' } },
    errors: ['spec.csi.driver: Required value', 'spec.csi.volumeHandle: Required value'],
  },
  { name: 'a disk of a driver of 63 bytes', source: { csi: { ...disk, driver: 'x'.repeat(63) } }, errors: [] },
  {
    name: 'a disk of a driver of 64 bytes, which is no name',
    source: { csi: { ...disk, driver: `${'x'.repeat(63)}_` } },
    errors: [
      'spec.csi.driver: Too long: may not be more than 63 bytes',
      `spec.csi.driver: Invalid value: "${'x'.repeat(63)}_": ${SUBDOMAIN}`,
    ],
  },
]
for (const { name, source, errors } of sources)
  test(`a PersistentVolume of ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(errorsOf('persistentvolumes', from(source)), errors))

test('of several sources the server looks at the first, in its own order', () => {
  const names = [
    ...['hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte'],
    ...['cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume', 'azureFile', 'vsphereVolume', 'photonPersistentDisk'],
    ...['portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi'],
  ]
  const given = Object.fromEntries(names.toReversed().map((name) => [name, {}]))
  assert.deepEqual(errorsOf('persistentvolumes', from(given)), [
    'spec.hostPath.path: Required value',
    ...names.slice(1).map((name) => {
      if (name === 'flexVolume') return 'spec.flexVolume.driver: Required value'
      return `spec.${name === 'cephfs' ? 'cephFS' : name}: ${ONE}`
    }),
  ])
})

const GA = 'field is immutable, except for updating from beta label to GA'
const changes: RefusedChange[] = [
  { name: 'more room', before: spec(), after: spec({ capacity: { storage: '2Gi' } }), errors: [] },
  { name: 'nodes, where there were none', before: spec(), after: spec({ nodeAffinity: on('a') }), errors: [] },
  {
    name: 'no nodes',
    before: spec({ nodeAffinity: on('a') }),
    after: spec(),
    errors: [`nodeAffinity: Invalid value: null: ${GA}`],
  },
  {
    name: 'the same nodes',
    before: spec({ nodeAffinity: on('a') }),
    after: spec({ nodeAffinity: on('a') }),
    errors: [],
  },
  {
    name: 'another place, another mode and no capacity',
    before: spec(),
    after: spec({ hostPath: { path: '/other' }, volumeMode: 'Block', capacity: { storage: '0' } }),
    errors: [
      'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
      [
        'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
        '@@ -2,7 +2,7 @@',
        '  "GCEPersistentDisk": null,',
        '  "AWSElasticBlockStore": null,',
        '  "HostPath": {',
        '-  "Path": "/data",',
        '+  "Path": "/other",',
        '   "Type": ""',
        '  },',
        '  "Glusterfs": null,',
        '',
      ].join('\n'),
      'volumeMode: Invalid value: "Block": field is immutable',
    ],
  },
  {
    name: 'another class of attributes',
    before: from({ csi: disk, volumeAttributesClassName: 'a' }),
    after: from({ csi: disk, volumeAttributesClassName: 'b' }),
    errors: [],
  },
  {
    name: 'no class of attributes',
    before: from({ csi: disk, volumeAttributesClassName: 'a' }),
    after: from({ csi: disk }),
    errors: ['spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden'],
  },
  { name: 'no version', before: spec(), after: spec(), ...NO_VERSION },
]
for (const { name, errors, ...change } of changes)
  test(`an update of a PersistentVolume with ${name} is ${errors.length > 0 ? 'refused' : 'accepted'}`, () =>
    assert.deepEqual(updateErrorsOf('persistentvolumes', change), errors))
