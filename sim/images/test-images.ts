/** Images of Kubernetes' own tests besides agnhost: others under names and tags of theirs. Source: kubernetes/test/utils/image/manifest.go, kubernetes/test/images */
import type { Image } from '../runtime/process.ts'
import { nonewprivs } from './agnhost/agnhost.ts'
import { alpineReleases } from './alpine.ts'
import { busybox, busyboxReleases } from './busybox.ts'
import { debianFiles, debianPrograms } from './distributions.ts'
import { nginxRelease } from './nginx.ts'
import { dig } from './programs/dig.ts'
import { getent } from './programs/getent.ts'
import { bindNslookup } from './programs/nslookup-bind.ts'

const of = (name: string): string[] => [`e2e-test-images/${name}`]

export const testImages: readonly Image[] = [
  { ...busybox, repositories: of('busybox'), tags: ['1.29-2', '1.29-4', '1.36.1-1', '1.37.0-1'], cmd: ['sh'] },
  {
    ...(busyboxReleases.find(({ tags }) => tags.includes('1.35')) ?? busybox),
    repositories: of('nonroot'),
    tags: ['1.2', '1.4', '1.5'],
    user: '1234',
  },
  {
    ...busybox,
    repositories: of('nonewprivs'),
    tags: ['1.3', '1.4'],
    cmd: ['nnp'],
    programs: { ...busybox.programs, '/usr/local/bin/nnp': nonewprivs },
  },
  { ...alpineReleases[0]!, repositories: of('ipc-utils'), tags: ['1.3', '1.4'] },
  { ...nginxRelease('1.15.12'), repositories: of('nginx'), tags: ['1.14-4', '1.15-4'] },
  { ...nginxRelease('1.27.5'), repositories: of('nginx'), tags: ['1.27-0'] },
  {
    repositories: of('glibc-dns-testing'),
    tags: ['2.0.0'],
    sizeBytes: 54_000_000,
    base: 'debian:bookworm-slim',
    cmd: ['bash'],
    files: debianFiles,
    programs: {
      ...debianPrograms,
      '/usr/bin/dig': dig,
      '/usr/bin/host': dig,
      '/usr/bin/nslookup': bindNslookup,
      '/usr/bin/getent': getent,
    },
  },
]
