import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../sim/api/core/pod-types.ts'
import type { AccessMode, PersistentVolume } from '../../sim/api/core/storage-types.ts'
import type { VolumeAttachment } from '../../sim/api/storage/types.ts'
import { planAttachments } from '../../sim/controllers/attach-detach/plan.ts'

const aVolume = (mode: AccessMode): PersistentVolume =>
  ({ metadata: { name: 'v' }, spec: { accessModes: [mode] } }) as unknown as PersistentVolume
const podOn = (nodeName: string, name = `on-${nodeName}`): Pod =>
  ({ metadata: { name }, spec: { nodeName } }) as unknown as Pod
const attachedTo = (nodeName: string): VolumeAttachment =>
  ({ metadata: { name: nodeName }, spec: { nodeName } }) as unknown as VolumeAttachment

const cases: { name: string; mode?: AccessMode; users: Pod[]; attachments: VolumeAttachment[]; want: unknown }[] = [
  { name: 'is attached where a Pod uses it', users: [podOn('a')], attachments: [], want: [['a'], [], []] },
  { name: 'stays where it is used', users: [podOn('a')], attachments: [attachedTo('a')], want: [[], [], []] },
  { name: 'is taken off a node without a user', users: [], attachments: [attachedTo('a')], want: [[], ['a'], []] },
  {
    name: 'of one node waits for the Pods that use it',
    users: [podOn('a'), podOn('b')],
    attachments: [attachedTo('a')],
    want: [[], [], ['Multi-Attach error for volume "v" Volume is already used by pod(s) on-a']],
  },
  {
    name: 'of one node waits until it is taken off the other',
    users: [podOn('b')],
    attachments: [attachedTo('a')],
    want: [
      [],
      ['a'],
      [
        'Multi-Attach error for volume "v" Volume is already exclusively attached to one node and can\'t be attached to another',
      ],
    ],
  },
  {
    name: 'of one node is attached to one when Pods on two ask for it at once',
    users: [podOn('a'), podOn('b')],
    attachments: [],
    want: [['a'], [], ['Multi-Attach error for volume "v" Volume is already used by pod(s) on-a']],
  },
  {
    name: 'that is in use elsewhere is refused with the names of all Pods that use it',
    users: [podOn('a', 'x'), podOn('a', 'y'), podOn('b')],
    attachments: [attachedTo('a')],
    want: [[], [], ['Multi-Attach error for volume "v" Volume is already used by pod(s) x, y']],
  },
  {
    name: 'of many nodes is attached to each',
    mode: 'ReadWriteMany',
    users: [podOn('a'), podOn('b')],
    attachments: [attachedTo('a')],
    want: [['b'], [], []],
  },
  {
    name: 'is attached to a node once for all its Pods',
    users: [podOn('a', 'x'), podOn('a', 'y')],
    attachments: [],
    want: [['a'], [], []],
  },
]
for (const { name, mode = 'ReadWriteOnce', users, attachments, want } of cases)
  test(`A volume ${name}`, () => {
    const plan = planAttachments(aVolume(mode), users, attachments)
    const got = [plan.attach, plan.detach.map(({ spec }) => spec.nodeName), plan.blocked.map(({ message }) => message)]
    assert.deepEqual(got, want)
  })
