/** Images for looking around in a cluster's network. */
import type { Image } from '../runtime/process.ts'
import { sh } from '../runtime/shell/sh.ts'
import { linuxFiles } from './base-files.ts'
import { linuxPrograms } from './programs/busybox.ts'
import { dig } from './programs/dig.ts'
import { curl } from './programs/network.ts'
import { bindNslookup } from './programs/nslookup-bind.ts'
import { openssl } from './programs/openssl/openssl.ts'

const programs = {
  ...linuxPrograms,
  '/usr/bin/nslookup': bindNslookup,
  '/bin/bash': sh,
  '/usr/bin/curl': curl,
  '/usr/bin/dig': dig,
  '/usr/bin/host': dig,
}

export const networkTools: readonly Image[] = [
  {
    repositories: ['nicolaka/netshoot'],
    tags: ['latest', 'v0.11', 'v0.12', 'v0.13', 'v0.14'],
    sizeBytes: 202_000_000,
    base: 'alpine:3.22',
    cmd: ['zsh'],
    files: linuxFiles,
    programs: { ...programs, '/bin/zsh': sh, '/usr/bin/openssl': openssl },
  },
  {
    repositories: [
      'e2e-test-images/jessie-dnsutils',
      'tutum/dnsutils',
      'e2e-test-images/dnsutils',
      'kubernetes-e2e-test-images/dnsutils',
    ],
    tags: ['1.1', '1.3', '1.5', '1.7', 'latest'],
    sizeBytes: 112_000_000,
    cmd: ['sleep', '3600'],
    files: linuxFiles,
    programs,
  },
  {
    repositories: ['praqma/network-multitool', 'wbitt/network-multitool'],
    tags: ['latest', 'alpine-minimal', 'alpine-extra'],
    sizeBytes: 26_000_000,
    base: 'alpine:3.22',
    cmd: ['tail', '-f', '/dev/null'],
    files: linuxFiles,
    programs,
  },
]
