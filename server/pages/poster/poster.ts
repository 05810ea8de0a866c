/** A poster of a Pod's birth: one's own manifest, run, as the sequence of all that was said until the Pod was ready. One page to print. */
import type { Request, RequestHandler, Response } from 'express'
import { parseAllDocuments } from 'yaml'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { contextOf } from '../../render/page.ts'
import { drawBirth } from '../birth.ts'
import type { AppDeps } from '../deps.ts'
import { textField } from '../form.ts'

/** Characters: a Pod fits, a stored novel does not. */
const longest = 20_000
/** Virtual seconds that are looked at: long enough for slow probes. */
const watchedSeconds = 120

const example = `apiVersion: v1
kind: Pod
metadata:
  name: hello
spec:
  containers:
  - name: web
    image: nginx:1.27
    readinessProbe:
      httpGet: {path: /, port: 80}
`

interface PodName {
  namespace: string
  name: string
}

export function posterPages(deps: AppDeps): Record<'show' | 'draw', RequestHandler> {
  const send = (req: Request, res: Response, manifest: string, model: object, status = 200) =>
    deps.renderer.send(req, res, {
      template: 'poster/page',
      title: t('A poster of your Pod’s birth'),
      section: 'sandboxes',
      status,
      model: { manifest, longest, ...model },
    })
  return {
    show: async (req, res) => send(req, res, example, {}),

    draw: async (req, res) => {
      const manifest = textField(req, 'manifest')
      const refuse = (problem: string, status = 422) => send(req, res, manifest.slice(0, longest), { problem }, status)
      if (manifest.length > longest) return refuse(t('A manifest may have {n} characters here.', { n: longest }))
      const pod = podIn(manifest)
      if (!pod) return refuse(t('Paste the manifest of one Pod, with a name: kind Pod, metadata.name.'))
      try {
        const { steps, sequence } = await deps.labs.runDemo(contextOf(res).learnerId, {
          demo: {
            nodes: [
              { name: 'node-1', cpu: '4', memory: '8Gi' },
              { name: 'node-2', cpu: '4', memory: '8Gi' },
            ],
            absent: [],
            duration: watchedSeconds,
            steps: [
              ...(pod.namespace === 'default' ? [] : [{ at: 0, run: `kubectl create namespace ${pod.namespace}` }]),
              { at: 1, apply: manifest },
            ],
            sequence: `Pod/${pod.namespace}/${pod.name}`,
          },
          seed: 'poster',
        })
        const applied = steps.at(-1)!
        if (applied.exit !== 0) return refuse(applied.stderr.trim())
        const drawn = drawBirth(pod.name, sequence)
        if (!drawn)
          return refuse(
            t('Nothing happened to this Pod: the API server accepted it, and no part of the cluster acted on it.'),
          )
        send(req, res, manifest, { drawn })
      } catch (error) {
        if (!(error instanceof LabRefusal)) throw error
        return refuse(error.message, error.status)
      }
    },
  }
}

/** The one Pod of a manifest; undefined when it is none, or something else besides. */
function podIn(manifest: string): PodName | undefined {
  const documents = parseAllDocuments(manifest, { uniqueKeys: false }).filter((one) => one.contents !== null)
  const [document] = documents
  if (!document || documents.length !== 1 || document.errors.length > 0) return undefined
  let pod: { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } } | null
  try {
    // Aliases can multiply: no more of them than a manifest has.
    pod = document.toJS({ maxAliasCount: 20 }) as typeof pod
  } catch {
    return undefined
  }
  const { name, namespace = 'default' } = pod?.metadata ?? {}
  const isName = (text: unknown): text is string =>
    typeof text === 'string' && /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(text)
  return pod?.kind === 'Pod' && isName(name) && isName(namespace) ? { namespace, name } : undefined
}
