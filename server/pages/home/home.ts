/** The home page: what Podium is, a tiny cluster that heals before a newcomer's eyes, and what somebody with a past may go on with. */
import type { RequestHandler, Response } from 'express'
import type { Catalog, Challenge, ScenarioBody } from '../../catalog/types.ts'
import { t } from '../../i18n/translate.ts'
import { factsOf } from '../../practice/answer-facts.ts'
import { cardsOf, dueOf } from '../../practice/due.ts'
import { isHtmx } from '../../render/page.ts'
import { dailyCard } from '../daily-card.ts'
import { type DemoOutcome, tryDemo, viewRun } from '../demo-view.ts'
import type { AppDeps } from '../deps.ts'
import { doneIn } from '../done.ts'
import { field, query } from '../form.ts'
import { timeScripts } from '../scripts.ts'
import { workOf } from '../work.ts'
import { type GoOn, waysOn } from './go-on.ts'

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

/** Half a minute after the rollout there is time enough for a successor. */
const killedAt = 20

/** The same cluster before and after the newcomer deletes a Pod: one seed, so that the names stay. */
function healing(killed: string | undefined): ScenarioBody {
  const steps: ScenarioBody['steps'] = [{ at: 0, apply: manifest }]
  if (killed !== undefined) steps.push({ at: killedAt, run: `kubectl delete pod ${killed} --wait=false` })
  return {
    nodes: [
      { name: 'node-1', cpu: '2', memory: '4Gi' },
      { name: 'node-2', cpu: '2', memory: '4Gi' },
    ],
    absent: [],
    duration: killed === undefined ? killedAt : killedAt + 10,
    steps,
  }
}

/** How many Pods somebody may say will run, the right one among them. */
const guesses = ['2', '3', '4']
const wanted = '3'

export function homePages(deps: AppDeps): Record<'show' | 'kill', RequestHandler> {
  const runs = new Map<string | undefined, ReturnType<typeof tryDemo>>()
  // The runs are the same for everybody, so each is made once.
  const runOnce = async (killed: string | undefined) => {
    const known = runs.get(killed)
    const outcome = await (known ?? tryDemo(() => deps.labs.runDemo('home', { demo: healing(killed), seed: 'home' })))
    if (outcome.run) runs.set(killed, Promise.resolve(outcome))
    return outcome
  }
  const podsOf = ({ run }: DemoOutcome): string[] =>
    run?.view.nodes.flatMap(({ pods }) => pods.map(({ name }) => name)) ?? []
  /** @param asked `delete` for any Pod, or the name of one */
  const modelOf = async (asked: string, guess: string) => {
    const before = await runOnce(undefined)
    const pods = podsOf(before)
    const killed = asked === 'delete' ? pods[0] : pods.find((name) => name === asked)
    const outcome = killed === undefined ? before : await runOnce(killed)
    return {
      killed,
      // A little before, so that the Pod is seen while it is there.
      playsFromMs: killedAt * 1000 - 500,
      problem: outcome.problem,
      guesses,
      said: saidOf(guesses.includes(guess) ? guess : undefined),
      told: t(
        'At 20 s one Pod was deleted. The ReplicaSet controller saw two where three are desired and made another. Nobody told it to: it closes the gap between the actual and the desired state.',
      ),
      run:
        outcome.run &&
        viewRun(
          outcome.run,
          killed === undefined ? ['objects'] : ['objects', 'timeline', 'events'],
          outcome.run.view.clockSeconds,
          // What is deleted, and what takes its place, is seen as it happens.
          killed === undefined ? {} : { id: 'home' },
        ),
    }
  }
  return {
    show: async (req, res) => {
      const catalog = deps.catalog()
      const { lessons, questions, challenges, tracks } = catalog
      deps.renderer.send(req, res, {
        template: 'home/page',
        title: 'Podium',
        section: 'home',
        scripts: timeScripts,
        model: {
          lead: t(
            'A whole cluster in the page: read about it, run it, break it, repair it. Questions whose answers it computes, and challenges that are graded by what it does.',
          ),
          // Who brings no cookie has done nothing here.
          goOn: req.headers.cookie === undefined ? [] : await goOnOf(deps, res),
          daily: await dailyCard(deps, res, req.headers.cookie !== undefined),
          healing: await modelOf(query(req, 'after'), query(req, 'guess')),
          tracks: [...tracks.values()].map(({ id, title, locale }) => ({ id, title, locale })),
          counts: { lessons: lessons.size, questions: questions.size, challenges: challenges.size },
          firstTrack: [...tracks.values()][0],
          firstChallenge: firstChallengeOf(catalog),
        },
      })
    },
    kill: async (req, res) => {
      const asked = field(req, 'pod') || 'delete'
      const guess = field(req, 'guess')
      if (!isHtmx(req)) {
        const said = new URLSearchParams({ after: asked, ...(guess === '' ? {} : { guess }) })
        res.redirect(303, `/?${said}#cluster`)
        return
      }
      deps.renderer.send(req, res, {
        template: 'home/cluster',
        partial: 'home/cluster',
        title: 'Podium',
        section: 'home',
        model: { healing: await modelOf(asked, guess) },
      })
    },
  }
}

/** The one that the first track comes to first: the easiest of all may be an exam task, which presumes the words. */
function firstChallengeOf({ tracks, challenges }: Catalog): Challenge | undefined {
  const [first] = [...tracks.values()]
  const step = first?.steps.find(({ kind, id }) => kind === 'challenge' && challenges.has(id))
  return (
    (step && challenges.get(step.id)) ??
    [...challenges.values()].sort((a, b) => a.spec.difficulty - b.spec.difficulty)[0]
  )
}

async function goOnOf(deps: AppDeps, res: Response): Promise<GoOn[]> {
  const [work, catalog, nowMs] = [await workOf(deps, res), deps.catalog(), deps.now()]
  const due = dueOf(cardsOf(factsOf(work.answers, catalog), catalog, nowMs), nowMs)
  return waysOn(catalog, work, doneIn(work), due.length, nowMs)
}

/** What is said to a guess; nothing to none. */
function saidOf(guess: string | undefined): { isRight: boolean; text: string } | undefined {
  if (guess === undefined) return undefined
  return guess === wanted
    ? { isRight: true, text: t('You said {n}, and {n} run.', { n: guess }) }
    : { isRight: false, text: t('You said {n}. It is {right}.', { n: guess, right: wanted }) }
}
