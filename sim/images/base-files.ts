/** Files that every Linux image here has, and the layer that an image makes: programs, devices, files. */
import { safeSysctls, sysctlFile } from '../api/core/pod/sysctls.ts'
import { uncharged } from '../engine/work.ts'
import { controllers } from '../runtime/cgroup-files.ts'
import { ContainerFiles, createLayer } from '../runtime/file-system.ts'
import type { FileTree } from '../runtime/file-tree.ts'
import { kernelVersion } from '../runtime/kernel-version.ts'
import type { Image } from '../runtime/process.ts'

export const linuxFiles: Readonly<Record<string, string>> = {
  '/bin/': '',
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nbin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  '/etc/group': 'root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nwww-data:x:33:\nnogroup:x:65534:\n',
  '/home/': '',
  '/root/': '',
  '/tmp/': '',
  '/usr/bin/': '',
  '/usr/sbin/': '',
  '/var/run/': '',
  '/var/log/': '',
}

const kernelFiles: Readonly<Record<string, string>> = {
  '/dev/fd': '-> /proc/self/fd',
  '/dev/stdin': '-> /proc/self/fd/0',
  '/dev/stdout': '-> /proc/self/fd/1',
  '/dev/stderr': '-> /proc/self/fd/2',
  '/dev/shm/': '',
  '/proc/cpuinfo':
    'processor\t: 0\nmodel name\t: Podium virtual CPU\n\nprocessor\t: 1\nmodel name\t: Podium virtual CPU\n\n',
  '/proc/meminfo': 'MemTotal:       25165824 kB\nMemFree:        16777216 kB\nMemAvailable:   20971520 kB\n',
  '/proc/loadavg': '0.10 0.08 0.05 1/120 1\n',
  '/proc/version': `Linux version ${kernelVersion}\n`,
  '/proc/uptime': '',
  '/proc/mounts': '',
  '/sys/fs/cgroup/cgroup.controllers': controllers,
  '/sys/fs/cgroup/cgroup.procs': '',
  '/sys/fs/cgroup/cpu.max': '',
  '/sys/fs/cgroup/cpu.stat': '',
  '/sys/fs/cgroup/cpu.weight': '',
  '/sys/fs/cgroup/memory.current': '',
  '/sys/fs/cgroup/memory.events': '',
  '/sys/fs/cgroup/memory.high': 'max\n',
  '/sys/fs/cgroup/memory.low': '0\n',
  '/sys/fs/cgroup/memory.max': '',
  '/sys/fs/cgroup/memory.min': '0\n',
  // The kubelet asks for it unless singleProcessOOMKill is set.
  '/sys/fs/cgroup/memory.oom.group': '1\n',
  '/sys/fs/cgroup/pids.current': '',
  '/sys/fs/cgroup/pids.max': 'max\n',
  ...Object.fromEntries(Object.entries(safeSysctls).map(([name, value]) => [sysctlFile(name), `${value}\n`])),
}

const noise = 'q8Zr0vK2mJx5LwTnYb3HsPd7GfUc1oEiAa9NkRl4VtQe6XyWuMjBzCpDhSgFOI'

/** The tree that containers of an image start from. The same image gives the same tree. */
export function layerOf(image: Image): FileTree {
  const known = layers.get(image)
  if (known) return known
  const layer = uncharged(() => unpacked(image))
  layers.set(image, layer)
  return layer
}

function unpacked(image: Image): FileTree {
  const layer = createLayer({
    files: { ...kernelFiles, ...image.files },
    executables: Object.keys(image.programs),
  })
  const files = new ContainerFiles(layer, [], { uid: 0, gid: 0 }, { nowEpochMs: () => 0, readOnlyRoot: false })
  const discard = (): void => {}
  files.device('/dev/null', { read: () => '', write: discard })
  files.device('/dev/zero', { read: () => '\0'.repeat(4096), write: discard, isEndless: true })
  files.device('/dev/full', { read: () => '\0'.repeat(4096), write: discard, isEndless: true })
  for (const name of ['random', 'urandom'])
    files.device(`/dev/${name}`, { read: () => noise.repeat(16), write: discard, isEndless: true })
  files.device('/dev/tty', { read: () => '', write: discard })
  if (files.exists('/tmp')) files.chmod('/tmp', 0o1777)
  if (files.exists('/root')) files.chmod('/root', 0o700)
  for (const [path, mode] of Object.entries(image.modes ?? {})) files.chmod(path, mode)
  return layer
}

/** A memo of a pure function of immutable images, so it is no state. */
const layers = new WeakMap<Image, FileTree>()
