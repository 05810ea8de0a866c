/** The words of a line of etcdctl. */

/** Flags that take a value. */
const valued = new Set(
  (
    'endpoints cacert cert key w write-out limit rev consistency command-timeout dial-timeout order sort-by lease ' +
    'keepalive-time keepalive-timeout peer-urls'
  ).split(' '),
)

/** @param env in which flags may stand as well: ETCDCTL_ENDPOINTS */
export function readFlags(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): { flags: Map<string, string>; args: string[] } {
  const flags = new Map<string, string>()
  for (const name of ['endpoints', 'cacert', 'cert', 'key', 'write-out']) {
    const given = env[`ETCDCTL_${name.toUpperCase().replace('-', '_')}`]
    if (given) flags.set(name, given)
  }
  const args: string[] = []
  for (let i = 0; i < words.length; i++) {
    const [, name, value] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(words[i]) ?? []
    if (words[i] === '--') return { flags, args: [...args, ...words.slice(i + 1)] }
    if (name === undefined) args.push(words[i])
    else flags.set(name, value ?? (valued.has(name) ? (words[++i] ?? '') : 'true'))
  }
  return { flags, args }
}
