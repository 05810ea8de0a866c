/** Sandboxes to which commands go, and what became of them. */
import { pause } from '../load/learners.ts'
import { Visitor } from '../measured-site/visitor.ts'
import { problems, type Web } from './webs.ts'

/** Commands a second, of all together. */
const perSecond = 34
const configMaps = '/api/v1/namespaces/default/configmaps'

export interface Box {
  api: string
  id: string
  acknowledged: string[]
  /** Since when it does not answer. */
  awayAtMs: number | undefined
}

/** How long each took that did not answer. */
export const backMs: number[] = []
/** Commands that were not acknowledged. */
export const counts = { refused: 0 }

/** Each is made at one of the servers, in turn. */
export async function makeBoxes(webs: readonly Web[], count: number): Promise<Box[]> {
  const boxes: Box[] = []
  for (let n = 0; n < count; n++) {
    const me = await new Visitor(webs[n % webs.length]!.site.url, `10.1.0.${n + 1}`).enter()
    const shape = { from: 'shape', name: 'Mine', nodes: '2', size: 'small', zones: '1', taint: '', tainted: '0' }
    const made = await me.post('/sandboxes', { ...shape, proxy: 'iptables' })
    const id = /\/sandboxes\/([a-f0-9]{18})/.exec(String(made.headers.location))?.[1]
    if (id === undefined) throw new Error(`no sandbox: ${made.status} ${made.text.slice(0, 300)}`)
    await me.post(`/sandboxes/${id}`, { do: 'address', show: 'kubectl' })
    const api = /server: \S+?(\/k8s\/\S+)/.exec((await me.get(`/sandboxes/${id}/kubeconfig`)).text)![1]!
    boxes.push({ api, id, acknowledged: [], awayAtMs: undefined })
    me.close()
  }
  return boxes
}

/** As a load balancer does: to the one that is there. */
const living = (webs: readonly Web[]): string[] => webs.filter(({ site }) => !site.isOver()).map(({ site }) => site.url)

let names = 0
/** One command to a sandbox, by whatever server. */
export async function command(box: Box, url: string, timeoutMs = 60_000): Promise<void> {
  const name = `n${names++}`
  const status = await fetch(`${url}${box.api}${configMaps}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }),
    signal: AbortSignal.timeout(timeoutMs),
  }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    () => 0,
  )
  if (status === 201) {
    box.acknowledged.push(name)
    if (box.awayAtMs !== undefined) backMs.push(performance.now() - box.awayAtMs)
    box.awayAtMs = undefined
  } else counts.refused++
}

/** Commands at their pace until it is over. */
export async function drive(boxes: readonly Box[], webs: readonly Web[], isOver: () => boolean): Promise<void> {
  const under = new Set<Promise<void>>()
  for (let n = 0; !isOver(); n++) {
    const urls = living(webs)
    const box = boxes[n % boxes.length]!
    if (urls.length > 0) {
      const one = command(box, urls[n % urls.length]!).finally(() => under.delete(one))
      under.add(one)
    }
    await pause(1000 / perSecond)
  }
  await Promise.all(under)
}

/** Of what was acknowledged, how much is not there; and how many logs hold the same twice. */
export async function lostOf(boxes: readonly Box[], url: string): Promise<{ lost: number; twice: number }> {
  let [lost, twice] = [0, 0]
  for (const { api, acknowledged } of boxes) {
    const { items } = (await (await fetch(`${url}${api}${configMaps}`)).json()) as {
      items: { metadata: { name: string } }[]
    }
    const found = items.map(({ metadata }) => metadata.name)
    const there = new Set(found)
    lost += acknowledged.filter((name) => !there.has(name)).length
    twice += found.length - there.size
  }
  return { lost, twice }
}

/** Sandboxes that came back otherwise than they stood. */
export const mismatches = (): number =>
  problems.filter((text) => text.includes('stands otherwise than it stood')).length
export const acknowledgedOf = (boxes: readonly Box[]): number =>
  boxes.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
