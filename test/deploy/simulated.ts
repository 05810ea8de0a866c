/**
 * The manifests of `deploy/` in a simulated cluster. The image of Podium is in no registry there, so a kustomization above the overlay puts a web
 * server in its place that answers at the paths of the probes and knows no others: all else is as it is shipped.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ClusterOptions, createCluster } from '../../sim/index.ts'

const folder = new URL('../../deploy', import.meta.url).pathname
const image = { name: 'python', first: '3.12', second: '3.13' }

type Cluster = ReturnType<typeof createCluster>

export interface Deployed {
  cluster: Cluster
  /** A line of kubectl in the namespace of Podium. @throws Error with its words when it fails, unless that is expected */
  kubectl(line: string, more?: { stdin?: string; mayFail?: boolean }): { exit: number; text: string }
  /** Applies the overlay, with another version of the image or another change. */
  apply(change?: { version?: keyof Omit<typeof image, 'name'>; patch?: string }): string
  /** From a Pod beside it: requests without end, which `stop` counts. */
  traffic(name: string, seconds: number): void
}

export function deploy(overlay: 'single' | 'postgres', shape: Partial<ClusterOptions['shape']> = {}): Deployed {
  const cluster = createCluster({
    seed: `deploy ${overlay}`,
    shape: {
      nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({ name })),
      ...{ metricsServer: true, namespace: 'podium', ...shape },
    },
    strict: true,
  })
  const kubectl: Deployed['kubectl'] = (line, { stdin, mayFail = false } = {}) => {
    const { exit, stdout, stderr } = cluster.execute({
      op: 'kubectl',
      line: `kubectl ${line}`,
      ...(stdin === undefined ? {} : { stdin }),
      workplace: { directory: '/', environment: {}, files: {} },
    })
    if (exit !== 0 && !mayFail) throw new Error(`kubectl ${line}: ${stdout}${stderr}`)
    return { exit, text: stdout + stderr }
  }
  return {
    cluster,
    kubectl,
    apply({ version = 'first', patch = '' } = {}) {
      const files = { ...shippedFiles(), '/stand-in/kustomization.yaml': standIn(overlay, image[version], patch) }
      const applied = cluster.execute({
        ...{ op: 'kubectl', line: 'kubectl apply -k /stand-in' },
        workplace: { directory: '/', environment: {}, files },
      })
      if (applied.exit !== 0) throw new Error(applied.stdout + applied.stderr)
      return applied.stdout + applied.stderr
    },
    traffic(name, seconds) {
      const url = 'http://podium/help'
      const { exit, stderr } = cluster.execute({
        op: 'traffic',
        traffic: { name, from: 'visitors', url, perSecond: 10, seconds },
      })
      if (exit !== 0) throw new Error(stderr)
    },
  }
}

/** Below /deploy. */
export function shippedFiles(): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [`/deploy${path.slice(folder.length)}`, readFileSync(path, 'utf8')]
    }),
  )
}

/** A server that has nothing but the pages of probes, one of learners and the metrics, and that goes on answering until it is killed. */
const standIn = (overlay: string, version: string, patch: string): string => `
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: podium
resources: [../deploy/kustomize/overlays/${overlay}]
images:
  - { name: podium, newName: ${image.name}, newTag: '${version}' }
configMapGenerator:
  - name: pages
    literals: [healthz=ok, readyz=ready, help=page]
patches:
  - target: { kind: Deployment, name: podium }
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/command
        value: [sh, -c, 'python3 -m http.server 9464 & exec python3 -m http.server 3000 --directory /pages']
      - op: add
        path: /spec/template/spec/containers/0/volumeMounts/-
        value: { name: pages, mountPath: /pages }
      - op: add
        path: /spec/template/spec/volumes/-
        value: { name: pages, configMap: { name: pages } }
${
  overlay === 'single'
    ? ''
    : `  - target: { kind: Job, name: podium-migrate }
    patch: |
      - { op: replace, path: /spec/template/spec/containers/0/command, value: [python3, -c, 'print("done")'] }
`
}${patch}`
