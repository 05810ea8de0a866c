/** apt-cache: which versions of a package there are, and where. Source: apt-cache(8); cmdline/apt-cache.cc, apt-pkg/policy */
import type { FileSystem } from '../../runtime/files.ts'
import type { NodeProgram } from '../machine.ts'
import {
  describePackage,
  findInstalled,
  installedPackages,
  isKnown,
  knownVersions,
  REPOSITORY,
  STATUS_FILE,
} from '../packages/database.ts'

export const aptCache: NodeProgram = {
  path: '/usr/bin/apt-cache',
  make: () =>
    function* ({ argv, files, stdout, stderr }) {
      yield* []
      const [verb = '', ...names] = argv.slice(1).filter((word) => !word.startsWith('-'))
      const shown = names.filter((name) => isKnown(files, name))
      if (verb === 'policy') {
        stdout.write(shown.map((name) => policyOf(files, name)).join(''))
        return 0
      }
      if (verb === 'madison') {
        const rows = shown.flatMap((name) => knownVersions(files, name).map((version) => [name, version] as const))
        const [width, wide] = [0, 1].map((n) => Math.max(10, ...rows.map((row) => row[n]!.length)))
        for (const [name, version] of rows)
          stdout.write(`${name.padStart(width!)} | ${version.padStart(wide!)} | ${REPOSITORY}  Packages\n`)
        return 0
      }
      if (verb === 'show' || verb === 'search') {
        const all =
          verb === 'show'
            ? shown
            : installedPackages(files)
                .map(({ name }) => name)
                .filter((name) => names.every((word) => name.includes(word)))
        for (const name of all)
          stdout.write(
            verb === 'search'
              ? `${name} - ${describePackage(name)}\n`
              : `Package: ${name}\nVersion: ${knownVersions(files, name)[0] ?? findInstalled(files, name)?.version ?? ''}\nArchitecture: amd64\nDescription: ${describePackage(name)}\n\n`,
          )
        if (verb === 'search' || shown.length > 0) return 0
        stderr.write('E: No packages found\n')
        return 100
      }
      stderr.write(`E: Invalid operation ${verb}\n`)
      return 100
    },
}

function policyOf(files: FileSystem, name: string): string {
  const installed = findInstalled(files, name)?.version
  const known = knownVersions(files, name)
  const all = installed === undefined || known.includes(installed) ? known : [...known, installed]
  const rows = all.map((version) => {
    const isHere = version === installed
    const places = [
      ...(known.includes(version) ? [`        500 ${REPOSITORY}  Packages`] : []),
      ...(isHere ? [`        100 ${STATUS_FILE}`] : []),
    ]
    return ` ${isHere ? '***' : '   '} ${version} ${known.includes(version) ? 500 : 100}\n${places.join('\n')}\n`
  })
  return `${name}:\n  Installed: ${installed ?? '(none)'}\n  Candidate: ${all[0] ?? '(none)'}\n  Version table:\n${rows.join('')}`
}
