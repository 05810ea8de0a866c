/** dpkg: what is installed. Sources: dpkg(1), dpkg-query(1) */
import { starMatcher } from '../../text/star-pattern.ts'
import type { NodeProgram } from '../machine.ts'
import { describePackage, findInstalled, installedPackages } from '../packages/database.ts'

export const dpkg: NodeProgram = {
  path: '/usr/bin/dpkg',
  make: () =>
    function* ({ argv, files, stdout, stderr }) {
      yield* []
      const [act = '', ...patterns] = argv.slice(1)
      const all = installedPackages(files)
      if (act === '-s' || act === '--status') {
        const found = patterns.map((name) => findInstalled(files, name))
        for (const [n, one] of found.entries())
          if (one)
            stdout.write(
              `Package: ${one.name}\nStatus: ${one.isHeld ? 'hold' : 'install'} ok installed\nArchitecture: amd64\nVersion: ${one.version}\nDescription: ${describePackage(one.name)}\n`,
            )
          else stderr.write(`dpkg-query: package '${patterns[n]}' is not installed and no information is available\n`)
        return found.includes(undefined) ? 1 : 0
      }
      if (act !== '-l' && act !== '--list') {
        stderr.write('dpkg: error: podium: of dpkg there are -l and -s\n')
        return 2
      }
      const shown = all.filter(
        ({ name }) => patterns.length === 0 || patterns.some((pattern) => starMatcher(pattern)(name)),
      )
      const lost = patterns.filter((pattern) => !all.some(({ name }) => starMatcher(pattern)(name)))
      for (const pattern of lost) stderr.write(`dpkg-query: no packages found matching ${pattern}\n`)
      if (shown.length === 0) return 1
      const rows = shown.map(({ name, version, isHeld }) => [
        isHeld ? 'hi' : 'ii',
        name,
        version,
        describePackage(name),
      ])
      const [wide, wider, widest] = [1, 2, 3].map((n) =>
        Math.max(n === 1 ? 14 : 12, ...rows.map((row) => row[n]!.length)),
      )
      stdout.write(
        `${[
          'Desired=Unknown/Install/Remove/Purge/Hold',
          '| Status=Not/Inst/Conf-files/Unpacked/halF-conf/Half-inst/trig-aWait/Trig-pend',
          '|/ Err?=(none)/Reinst-required (Status,Err: uppercase=bad)',
          `||/ ${'Name'.padEnd(wide!)} ${'Version'.padEnd(wider!)} ${'Architecture'} Description`,
          `+++-${'='.repeat(wide!)}-${'='.repeat(wider!)}-${'='.repeat(12)}-${'='.repeat(widest!)}`,
          ...rows.map(
            ([state, name, version, about]) =>
              `${state}  ${name!.padEnd(wide!)} ${version!.padEnd(wider!)} ${'amd64'.padEnd(12)} ${about}`,
          ),
        ].join('\n')}\n`,
      )
      return lost.length > 0 ? 1 : 0
    },
}
