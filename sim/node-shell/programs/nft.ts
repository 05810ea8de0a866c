/** nft: the tables of nftables, as `nft list` shows them. Source: nft(8) */
import { printNftables } from '../../network/proxy/nftables.ts'
import type { NodeProgram } from '../machine.ts'

export const nft: NodeProgram = {
  path: '/usr/sbin/nft',
  make: (machine) =>
    function* (process) {
      yield* []
      const [verb, what, ...rest] = process.argv.slice(1).filter((word) => !word.startsWith('-'))
      const table = machine.rules()
      const hasTable = table.proxy.mode === 'nftables'
      if (verb !== 'list') {
        process.stderr.write('nft: podium shows what there is (list) and changes nothing: kube-proxy writes it\n')
        return 1
      }
      if (what === 'ruleset') {
        if (hasTable) process.stdout.write(printNftables(table, table.rules()))
        return 0
      }
      if (what === 'tables') {
        if (hasTable) process.stdout.write('table ip kube-proxy\n')
        return 0
      }
      const [family, name, item] = rest[0] === 'ip' || rest[0] === 'ip6' ? rest : ['ip', ...rest]
      if (!hasTable || family !== 'ip' || name !== 'kube-proxy') {
        process.stderr.write(
          `Error: No such file or directory\nlist ${[what, ...rest].join(' ')}\n${' '.repeat('list '.length + (what?.length ?? 0) + 1 + (rest.length > 1 ? family.length + 1 : 0))}${'^'.repeat(name?.length ?? 1)}\n`,
        )
        return 1
      }
      const text = printNftables(table, table.rules())
      if (what === 'table') process.stdout.write(text)
      else {
        const block = blockOf(text, what ?? '', item ?? '')
        if (!block) {
          process.stderr.write('Error: No such file or directory\n')
          return 1
        }
        process.stdout.write(`table ip kube-proxy {\n${block}}\n`)
      }
      return 0
    },
}

/** One chain, set or map of a printed table. */
function blockOf(text: string, kind: string, name: string): string | undefined {
  const begin = text.indexOf(`\t${kind} ${name} {\n`)
  if (begin < 0) return undefined
  const end = text.indexOf('\n\t}\n', begin)
  return text.slice(begin, end + '\n\t}\n'.length)
}
