import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MemoryChange, refuseMemoryResize } from '../../sim/kubelet/memory-resize.ts'

const one = (
  name: string,
  beforeBytes: number | undefined,
  afterBytes: number | undefined,
  usedBytes: number,
): MemoryChange => ({
  name,
  beforeBytes,
  afterBytes,
  usedBytes,
})
for (const { name, containers, want } of [
  { name: 'grows', containers: [one('a', 100, 200, 150)], want: undefined },
  { name: 'shrinks to more than is used', containers: [one('a', 200, 150, 100)], want: undefined },
  {
    name: 'shrinks below what is used',
    containers: [one('a', 200, 100, 150)],
    want: 'cannot decrease memory limits: [attempting to set pod memory limit (100) below current usage (150), attempting to set container "a" memory limit (100) below current usage (150)]',
  },
  {
    name: 'shrinks in one of two, the other one without a limit',
    containers: [one('a', 200, 100, 150), one('b', undefined, undefined, 50)],
    want: 'cannot decrease memory limits: attempting to set container "a" memory limit (100) below current usage (200)',
  },
  {
    name: 'gets a limit below what is used',
    containers: [one('a', undefined, 100, 150), one('b', undefined, undefined, 0)],
    want: 'cannot decrease memory limits: attempting to set container "a" memory limit (100) below current usage (150)',
  },
])
  test(`refuseMemoryResize: memory that ${name}`, () => assert.equal(refuseMemoryResize(containers), want))
