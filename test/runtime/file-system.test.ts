// A container's files: layers, volumes, links, rights, sizes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ContainerFiles, createFileSystem, createLayer, createVolumeTree } from '../../sim/runtime/file-system.ts'
import { FileError } from '../../sim/runtime/files.ts'

const clock = { nowEpochMs: () => 1000 }
const base = createLayer({
  files: { '/etc/conf': 'image\n', '/data/a': 'a', '/link': '-> /etc/conf', '/loop': '-> /loop' },
})
const newFiles = (): ContainerFiles => createFileSystem({ base, ...clock })

/** The code that an operation fails with. */
function codeOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    assert.ok(error instanceof FileError)
    return error.code
  }
}

test('what a container writes is its own: neither the image nor another container sees it', () => {
  const [first, second] = [newFiles(), newFiles()]
  first.write('/etc/conf', 'mine\n')
  first.remove('/data', { recursive: true })
  first.write('/new', 'x')
  assert.equal(second.read('/etc/conf'), 'image\n')
  assert.deepEqual(second.list('/data'), ['a'])
  assert.equal(second.exists('/new'), false)
})

test('a volume is one thing in two containers', () => {
  const volume = createVolumeTree(clock)
  const [first, second] = [newFiles(), newFiles()]
  first.mount('/a/b', volume)
  second.mount('/v', volume, { readOnly: true })
  first.write('/a/b/f', 'shared')
  assert.equal(second.read('/v/f'), 'shared')
  assert.equal(
    codeOf(() => second.write('/v/f', 'x')),
    'EROFS',
  )
  assert.deepEqual(first.list('/a'), ['b'])
  assert.equal(volume.usedBytes(), 6)
  assert.equal(first.writtenBytes(), 0)
})

test('a subPath mount keeps the file it was made of', () => {
  const volume = createVolumeTree(clock)
  volume.files.write('/k', 'old')
  const files = newFiles()
  files.mount('/k', volume, { subPath: 'k' })
  volume.files.remove('/k')
  volume.files.write('/k', 'new')
  assert.equal(files.read('/k'), 'old')
})

const failures: [string, (files: ContainerFiles) => unknown, string][] = [
  ['reading what is missing', (f) => f.read('/nope'), 'ENOENT'],
  ['reading a directory', (f) => f.read('/etc'), 'EISDIR'],
  ['walking through a file', (f) => f.read('/etc/conf/x'), 'ENOTDIR'],
  ['making what is there', (f) => f.mkdir('/etc'), 'EEXIST'],
  ['writing where no directory is', (f) => f.write('/no/f', ''), 'ENOENT'],
  ['removing a full directory', (f) => f.remove('/etc'), 'ENOTEMPTY'],
  ['removing the root', (f) => f.remove('/', { recursive: true }), 'EBUSY'],
  ['a link to itself', (f) => f.read('/loop'), 'ELOOP'],
  ['moving a directory into itself', (f) => f.rename('/etc', '/etc/x'), 'EBUSY'],
  ['a file beyond all bounds', (f) => f.write('/big', 'x'.repeat(9 * 1024 * 1024)), 'ENOSPC'],
]
for (const [name, action, code] of failures)
  test(`${name} fails with ${code}`, () =>
    assert.equal(
      codeOf(() => action(newFiles())),
      code,
    ))

test('links are followed, and are seen by lstat', () => {
  const files = newFiles()
  assert.equal(files.read('/link'), 'image\n')
  assert.equal(files.lstat('/link').target, '/etc/conf')
  assert.equal(files.realpath('/link'), '/etc/conf')
  files.write('/link', 'through')
  assert.equal(files.read('/etc/conf'), 'through')
})

test('users may do what the mode lets them, and root everything', () => {
  const files = newFiles()
  files.write('/secret', 's', { mode: 0o600 })
  files.mkdir('/shared', { mode: 0o2770 })
  files.chown('/shared', 0, 2000)
  const user = files.as({ uid: 1000, gid: 1000 })
  const member = files.as({ uid: 1000, gid: 1000, groups: [2000] })
  assert.equal(
    codeOf(() => user.read('/secret')),
    'EACCES',
  )
  assert.equal(
    codeOf(() => user.write('/etc/new', '')),
    'EACCES',
  )
  assert.equal(
    codeOf(() => user.list('/shared')),
    'EACCES',
  )
  member.write('/shared/f', 'x')
  assert.equal(files.stat('/shared/f').gid, 2000)
  assert.equal(
    codeOf(() => user.chmod('/etc/conf', 0o777)),
    'EPERM',
  )
  assert.equal(files.read('/secret'), 's')
})

test('a volume with a capacity is full at its end', () => {
  const volume = createVolumeTree({ ...clock, capacityBytes: 10 })
  volume.files.write('/a', '12345678')
  assert.equal(
    codeOf(() => volume.files.write('/b', '123')),
    'ENOSPC',
  )
  volume.files.remove('/a')
  volume.files.write('/b', '123')
  assert.equal(volume.usedBytes(), 3)
})

test('any sequence of writes, appends and removals leaves the sizes right', () => {
  const operation = fc.tuple(
    fc.constantFrom('write', 'append', 'remove', 'rename'),
    fc.constantFrom('/a', '/b', '/c'),
    fc.string({ maxLength: 20 }),
  )
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      const volume = createVolumeTree(clock)
      const model = new Map<string, string>()
      for (const [kind, path, text] of operations) {
        if (kind === 'write') {
          volume.files.write(path, text)
          model.set(path, text)
        } else if (kind === 'append') {
          volume.files.write(path, text, { append: true })
          model.set(path, (model.get(path) ?? '') + text)
        } else if (kind === 'remove') {
          assert.equal(
            codeOf(() => volume.files.remove(path)),
            model.delete(path) ? undefined : 'ENOENT',
          )
        } else if (model.has(path) && path !== '/c') {
          volume.files.rename(path, '/c')
          model.set('/c', model.get(path)!)
          model.delete(path)
        }
      }
      assert.deepEqual(volume.files.list('/'), [...model.keys()].map((path) => path.slice(1)).sort())
      let bytes = 0
      for (const [path, text] of model) {
        assert.equal(volume.files.read(path), text)
        bytes += new TextEncoder().encode(text).length
      }
      assert.equal(volume.usedBytes(), bytes)
    }),
    { seed: 7, numRuns: 200 },
  )
})
