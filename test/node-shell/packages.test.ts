// What dpkg and apt know of a node, in their own files.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  compareVersions,
  findInstalled,
  install,
  installedPackages,
  knownVersions,
  mark,
  packageFiles,
  releaseOfProgram,
  updateLists,
} from '../../sim/node-shell/packages/database.ts'
import { FileError, type FileSystem } from '../../sim/runtime/files.ts'

/** A node that was set up with a release. */
function nodeOf(release: string): FileSystem {
  const texts: Record<string, string> = { ...packageFiles(release) }
  return {
    exists: (path: string) => path in texts,
    read(path: string) {
      if (!(path in texts)) throw new FileError('ENOENT', 'No such file or directory')
      return texts[path]!
    },
    write(path: string, text: string) {
      texts[path] = text
    },
    chmod: () => {},
  } as unknown as FileSystem
}

test('a node has the packages of its release, held, and knows of none that came later', () => {
  const files = nodeOf('v1.36.1')
  assert.deepEqual(
    installedPackages(files).map(({ name, version, isHeld }) => `${name} ${version}${isHeld ? ' held' : ''}`),
    [
      'cri-tools 1.36.0-1.1',
      'kubeadm 1.36.1-1.1 held',
      'kubectl 1.36.1-1.1 held',
      'kubelet 1.36.1-1.1 held',
      'kubernetes-cni 1.8.0-1.1',
    ],
  )
  assert.deepEqual(knownVersions(files, 'kubelet'), ['1.36.1-1.1', '1.36.0-1.1'])
  updateLists(files)
  assert.deepEqual(knownVersions(files, 'kubelet'), ['1.36.2-1.1', '1.36.1-1.1', '1.36.0-1.1'])
  assert.deepEqual(knownVersions(files, 'nothing'), [])
})

test('which release a program is stands in the program, and not in what dpkg says of it', () => {
  const files = nodeOf('v1.36.0')
  const kubelet = '/usr/bin/kubelet'
  assert.equal(releaseOfProgram(files, kubelet), 'v1.36.0')
  mark(files, { name: 'kubelet', version: '1.36.2-1.1', isHeld: false })
  assert.equal(findInstalled(files, 'kubelet')?.version, '1.36.2-1.1')
  assert.equal(releaseOfProgram(files, kubelet), 'v1.36.0')
  install(files, { name: 'kubelet', version: '1.36.2-1.1', isHeld: true })
  assert.equal(releaseOfProgram(files, kubelet), 'v1.36.2')
  assert.equal(releaseOfProgram(files, '/usr/bin/nothing'), undefined)
  files.write('/opt/kubelet', files.read(kubelet))
  assert.equal(releaseOfProgram(files, '/opt/kubelet'), 'v1.36.2', 'a copy is the same program')
  files.write(kubelet, files.read(kubelet).replace('1.36.2', '1.36.1'))
  assert.equal(releaseOfProgram(files, kubelet), undefined, 'one that was written over runs no more')
  files.write(kubelet, '#!/bin/sh')
  assert.equal(releaseOfProgram(files, kubelet), undefined)
})

test('files that somebody has spoiled say nothing', () => {
  const files = nodeOf('v1.36.2')
  files.write(
    '/var/lib/dpkg/status',
    'Package kubelet\n\n\nVersion: 1\n\nPackage: x\nStatus: deinstall ok config-files\nVersion: 2\n',
  )
  assert.deepEqual(installedPackages(files), [])
})

test('versions are compared by their numbers', () => {
  const versions = ['1.36.10-1.1', '1.36.2-1.1', '1.36.2-2.1', '1.9.0-1.1']
  assert.deepEqual(versions.toSorted(compareVersions), ['1.9.0-1.1', '1.36.2-1.1', '1.36.2-2.1', '1.36.10-1.1'])
})
