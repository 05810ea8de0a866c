/** The home page: what Podium is, and a tiny cluster that heals in front of the newcomer's eyes. */
import type { RequestHandler } from 'express'
import type { ScenarioBody } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { contextOf, isHtmx } from '../../render/page.ts'
import { tryDemo, viewRun } from '../demo-view.ts'
import type { AppDeps } from '../deps.ts'
import { query } from '../form.ts'

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: nginx:1.27
`

/** The same cluster before and after the newcomer deletes a Pod: one seed, so that the names stay. */
function healing(killed: boolean): ScenarioBody {
  const steps: ScenarioBody['steps'] = [{ at: 0, apply: manifest }]
  if (killed) steps.push({ at: 20, fault: { kind: 'pod', selector: 'app=web', act: 'delete' } })
  return {
    nodes: [
      { name: 'node-1', cpu: '2', memory: '4Gi' },
      { name: 'node-2', cpu: '2', memory: '4Gi' },
    ],
    absent: [],
    duration: killed ? 30 : 20,
    steps,
  }
}

export function homePages(deps: AppDeps): Record<'show' | 'kill', RequestHandler> {
  const runs = new Map<boolean, ReturnType<typeof tryDemo>>()
  // The run is the same for everybody, so it is made once.
  const runOnce = async (killed: boolean) => {
    const known = runs.get(killed)
    const outcome = await (known ?? tryDemo(() => deps.labs.runDemo('home', { demo: healing(killed), seed: 'home' })))
    if (outcome.run) runs.set(killed, Promise.resolve(outcome))
    return outcome
  }
  const modelOf = async (killed: boolean) => {
    const outcome = await runOnce(killed)
    return {
      killed,
      problem: outcome.problem,
      told: t(
        'At 20 s one Pod was deleted. The ReplicaSet controller saw two where three are wanted and made another. Nobody told it to: it closes the gap between what is and what should be.',
      ),
      run:
        outcome.run &&
        viewRun(
          outcome.run,
          killed ? ['objects', 'timeline', 'events'] : ['objects'],
          outcome.run.view.clockSeconds,
          505,
        ),
    }
  }
  return {
    show: async (req, res) => {
      const { lessons, questions, challenges, tracks } = deps.catalog()
      deps.renderer.send(req, res, {
        template: 'home/page',
        title: 'Podium',
        section: 'home',
        model: {
          lead: t(
            'Podium puts a whole cluster into a page: API server, scheduler, controllers, kubelets. Read a lesson and run what it claims. Answer questions whose keys the cluster computes. Solve challenges with your own manifests, graded by what the cluster does.',
          ),
          healing: await modelOf(query(req, 'after') === 'delete'),
          tracks: [...tracks.values()].map(({ id, title, locale }) => ({ id, title, locale })),
          counts: { lessons: lessons.size, questions: questions.size, challenges: challenges.size },
          firstLesson: lessons.get('architecture/first-words') ?? [...lessons.values()][0],
          firstChallenge: [...challenges.values()].sort((a, b) => a.spec.difficulty - b.spec.difficulty)[0],
          isNew: !contextOf(res).learnerId,
        },
      })
    },
    kill: async (req, res) => {
      if (!isHtmx(req)) {
        res.redirect(303, '/?after=delete#cluster')
        return
      }
      deps.renderer.send(req, res, {
        template: 'home/cluster',
        partial: 'home/cluster',
        title: 'Podium',
        section: 'home',
        model: { healing: await modelOf(true) },
      })
    },
  }
}
