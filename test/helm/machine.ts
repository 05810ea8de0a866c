/** Somebody's machine with helm and kubectl: files stay between lines. */
import { createCluster, replayCluster } from '../../sim/cluster.ts'
import type { CommandResult, FileContent } from '../../sim/scenario/types.ts'

export interface Machine {
  files: Record<string, FileContent>
  helm(line: string, stdin?: string): CommandResult
  kubectl(line: string): string
  cluster: ReturnType<typeof createCluster>
}

const directory = '/home/learner'
const options = { seed: 'helm', strict: true, shape: { nodes: [{ name: 'node-1' }, { name: 'node-2' }] } }

export function aMachine(given: Record<string, FileContent> = {}): Machine {
  const cluster = createCluster(options)
  const files: Record<string, FileContent> = Object.fromEntries(
    Object.entries(given).map(([path, content]) => [path.startsWith('/') ? path : `${directory}/${path}`, content]),
  )
  return {
    files,
    cluster,
    helm(line, stdin) {
      const result = cluster.execute({
        op: 'helm',
        line: `helm ${line}`,
        ...(stdin === undefined ? {} : { stdin }),
        workplace: { directory, environment: { HOME: directory }, files: { ...files } },
      })
      for (const [path, content] of Object.entries(result.files?.written ?? {}))
        if (content === null) delete files[path]
        else files[path] = content
      return result
    },
    kubectl(line) {
      const { stdout, stderr } = cluster.execute({ op: 'kubectl', line: `kubectl ${line}` })
      return stdout + stderr
    },
  }
}

/** The same lines again, in a cluster of its own. */
export const replayed = ({ cluster }: Machine): ReturnType<typeof createCluster> =>
  replayCluster(options, cluster.log, cluster.nowMs)
