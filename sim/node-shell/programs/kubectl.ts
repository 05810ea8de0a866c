/** kubectl on a node: with the node's files, and as whom its kubeconfig names. Simplified: no session with a keyboard, no port is forwarded. */

import { decodeBase64Lossy } from '../../api/meta/base64.ts'
import { StatusError, unreachable } from '../../api/meta/status-error.ts'
import { partsOf } from '../../components/component.ts'
import { UNAUTHORIZED } from '../../components/trust.ts'
import type { Credentials, Files, KubectlContext } from '../../kubectl/context.ts'
import { KubectlError } from '../../kubectl/errors.ts'
import { runKubectl } from '../../kubectl/kubectl.ts'
import { keyPairProblem } from '../../pki/key-pair.ts'
import { FileError } from '../../runtime/files.ts'
import { absolutePath } from '../../runtime/kernel.ts'
import { type Process, waitFor } from '../../runtime/process.ts'
import { clientFor } from '../cluster-client.ts'
import type { NodeMachine, NodeProgram } from '../machine.ts'
import { releaseOfProgram } from '../packages/database.ts'

/** Where kubectl goes that was told nothing. */
const NOWHERE = 'localhost:8080'

export const kubectl: NodeProgram = {
  path: '/usr/bin/kubectl',
  make: (machine) =>
    function* (process) {
      const words = process.argv.slice(1)
      const stdin = words.some((word) => word === '-' || word === '-f-') ? yield* waitFor(process.stdin.readAll()) : ''
      return (yield* runKubectl(words, contextOf(machine, process, stdin))) ?? 0
    },
}

function contextOf(machine: NodeMachine, process: Process, stdin: string): KubectlContext {
  const { HOME, KUBECONFIG } = process.env
  const io = {
    stdin,
    files: filesOf(process),
    environment: { HOME: HOME ?? '/root', ...(KUBECONFIG ? { KUBECONFIG } : {}) },
    stdout: (text: string) => process.stdout.write(text),
    stderr: (text: string) => process.stderr.write(text),
  }
  const context: KubectlContext = {
    ...machine.kubectl(clientFor(machine, nowhere), io),
    serverHost: NOWHERE,
    release: releaseOfProgram(process.files, '/usr/bin/kubectl'),
    clientWith(credentials) {
      const { server = `http://${NOWHERE}`, certificate, key, token } = credentials
      const { name, port } = partsOf(server)
      context.serverHost = `${name}:${port}`
      if (certificate !== undefined) {
        const problem = keyPairProblem(certificate, key ?? '')
        if (problem !== undefined) throw new KubectlError(problem)
      }
      return connected(machine, { ...credentials, server }, name, token)
    },
  }
  return context
}

const nowhere = {
  server: `http://${NOWHERE}`,
  host: 'localhost',
  authorities: undefined,
  certificate: undefined,
  hasToken: true,
}

/** @throws StatusError where both ends do not trust each other, or nobody is there */
function connected(
  machine: NodeMachine,
  credentials: Credentials & { server: string },
  host: string,
  token: string | undefined,
) {
  const { server, authorities, certificate } = credentials
  const user = token === undefined ? undefined : machine.userOfToken(token)
  const client = clientFor(machine, { server, host, authorities, certificate, hasToken: user !== undefined }, user)
  const failure = client.link?.failure
  if (failure === UNAUTHORIZED) throw new StatusError(401, 'Unauthorized', UNAUTHORIZED)
  if (failure !== undefined) throw unreachable(failure)
  return client
}

/** The node's files, as kubectl needs them. */
function filesOf(process: Process): Files {
  const { files } = process
  const resolve = (path: string): string => absolutePath(path, process.cwd)
  const orUndefined = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (error instanceof FileError) return undefined
      throw error
    }
  }
  const change = (path: string, act: () => void): void => {
    try {
      act()
    } catch (error) {
      if (error instanceof FileError) throw new KubectlError(`${path}: ${error.message}`)
      throw error
    }
  }
  return {
    read: (path) => orUndefined(() => files.read(resolve(path))),
    list: (path) => orUndefined(() => [...files.list(resolve(path))].sort()),
    write: (path, content) =>
      change(path, () =>
        files.write(resolve(path), typeof content === 'string' ? content : decodeBase64Lossy(content.base64)),
      ),
    makeFolder: (path) => change(path, () => files.mkdir(resolve(path), { parents: true })),
    resolve,
    remove: (path) => change(path, () => files.remove(resolve(path))),
  }
}
