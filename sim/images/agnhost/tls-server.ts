/** What the programs of agnhost that answer the API server have in common: a certificate from files, `/readyz`, lines of klog. */
import type { HttpRequest, Reply } from '../../network/types.ts'
import type { Process } from '../../runtime/process.ts'
import { waitFor } from '../../runtime/process.ts'
import { stamp } from '../programs/daemon.ts'
import type { Run } from '../programs/support.ts'
import { response, untilSignal } from '../programs/web-server.ts'

/** Value of `--name=value` or `--name value`. */
export type Flag = (name: string) => string | undefined

interface Klog {
  /** @param place file and line */
  log(letter: 'I' | 'E' | 'F', place: string, text: string): void
  /** Whether -v is 2 or more. */
  isVerbose: boolean
}

export function klog(process: Process, flag: Flag): Klog {
  const verbosity = Number(flag('v') ?? process.argv.find((arg) => /^-v=?\d/.test(arg))?.replace(/\D/g, '') ?? 0)
  return {
    log: (letter, place, text) =>
      process.stderr.write(
        `${letter}${stamp(process, '%m%d %H:%M:%S.%L000')} ${String(process.pid).padStart(7)} ${place}] ${text}\n`,
      ),
    isVerbose: verbosity >= 2,
  }
}

/** Serves until a signal ends it; does not start without its certificate. @param place where the program tells of that */
export function* serveTls(
  process: Process,
  flag: Flag,
  place: string,
  answer: (request: HttpRequest, reply: Reply) => void,
): Run {
  const pem = certificateOf(process, flag)
  if ('why' in pem) {
    klog(process, flag).log('F', place, pem.why)
    return 255
  }
  const port = Number(flag('port') ?? 443)
  const listening = process.network.listen(port, {
    tls: true,
    certificate: { pem: pem.pem },
    http: (request, reply) => {
      const text = { 'Content-Type': 'text/plain; charset=utf-8' }
      if (request.path.split('?')[0] === '/readyz') reply(response(200, 'ok', text))
      else answer(request, reply)
    },
  })
  if ('error' in listening) {
    process.stderr.write(`panic: listen tcp :${port}: bind: ${listening.error}\n`)
    return 2
  }
  yield* waitFor(untilSignal(process, ['SIGTERM', 'SIGINT']))
  listening.close()
  return 2
}

function certificateOf(process: Process, flag: Flag): { pem: string } | { why: string } {
  const files = ['tls-cert-file', 'tls-private-key-file'].map((name) => flag(name) ?? '')
  const texts: string[] = []
  for (const file of files) {
    if (!file || !process.files.exists(file)) return { why: `open ${file}: no such file or directory` }
    texts.push(process.files.read(file))
  }
  const [pem, key] = texts
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    return { why: 'tls: failed to find any PEM data in certificate input' }
  if (!/-----BEGIN (?:\w+ )?PRIVATE KEY-----/.test(key)) return { why: 'tls: failed to find any PEM data in key input' }
  return { pem }
}
