/** Raft, step by step: a group of etcd members whose messages one delivers or loses oneself. The address holds all that was done. */
import type { RequestHandler } from 'express'
import type { StageAct, StageScene } from '../../../sim/index.ts'
import { t } from '../../i18n/translate.ts'
import { LabRefusal } from '../../labs/types.ts'
import { contextOf } from '../../render/page.ts'
import type { AppDeps } from '../deps.ts'
import { mostActs, readActs, wordOf } from './acts.ts'
import { experiments } from './experiments.ts'
import { arrowsOf, height, placesOf, radius, width } from './picture.ts'
import { happeningWords, messageWords, roleWord, typeNames } from './words.ts'

/** What election timeouts are drawn from: the same for everybody, so that an address shows everybody the same. */
const seed = 'raft'
/** Of a picture. The list beside it has them all. */
const mostArrows = 24

export function raftPage(deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const { query } = req
    const text = (name: string): string => (typeof query[name] === 'string' ? query[name] : '')
    const experiment = experiments.find(({ id }) => id === text('experiment'))
    const members = experiment?.members ?? (text('members') === '5' ? 5 : 3)
    const given = query.do === undefined && experiment ? experiment.acts : text('do')
    const { acts, wrong } = readActs(given, members)
    const hrefOf = (done: string): string => {
      const parts = experiment ? [`experiment=${experiment.id}`] : members === 5 ? ['members=5'] : []
      return `/raft?${[...parts, `do=${done}`].join('&')}`
    }
    const said = acts.map(wordOf)
    const isFull = acts.length >= mostActs
    const after = (act: StageAct): string | undefined => (isFull ? undefined : hrefOf([...said, wordOf(act)].join('.')))
    let scene: StageScene | undefined
    let problem =
      wrong === undefined
        ? undefined
        : t('“{word}” is not a step that can be taken here. The steps before it were taken.', { word: wrong })
    let status = wrong === undefined ? 200 : 422
    try {
      scene = await deps.labs.stage(contextOf(res).learnerId, { options: { members, seed }, acts })
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      problem = error.message
      status = error.status
    }
    deps.renderer.send(req, res, {
      template: 'raft/page',
      title: t('Raft, step by step'),
      section: 'lessons',
      status,
      model: {
        ...{ members, problem },
        task: experiment && t(experiment.task),
        experiments: experiments.map(({ id, title }) => ({
          ...{ title: t(title), href: `/raft?experiment=${id}` },
          isCurrent: id === experiment?.id,
        })),
        sizes: ([3, 5] as const).map((size) => ({
          ...{ size, href: size === 5 ? '/raft?members=5' : '/raft' },
          isCurrent: !experiment && size === members,
        })),
        stage: scene && {
          ...stageModel(scene, after),
          ...{ count: acts.length, most: mostActs, isFull },
          ...(said.join('.') === (experiment?.acts ?? '')
            ? {}
            : {
                undo: hrefOf(said.slice(0, -1).join('.')),
                again: experiment ? `/raft?experiment=${experiment.id}` : hrefOf(''),
              }),
        },
      },
    })
  }
}

function stageModel(scene: StageScene, after: (act: StageAct) => string | undefined) {
  const { messages, ticks, leaders, happened } = scene
  const places = placesOf(scene.members.length)
  const acting = scene.members.filter(({ isUp, role }) => isUp && role === 'leader')
  return {
    seconds: (ticks / 10).toFixed(1),
    next: after({ act: 'next' }),
    second: after({ act: 'second' }),
    all: messages.length > 0 ? after({ act: 'all' }) : undefined,
    happened: happened.length > 0 ? happened.map(happeningWords) : [t('Nothing yet: press “Next step”.')],
    messages: messages.map((message) => ({
      ...message,
      name: typeNames[message.type],
      words: messageWords(message),
      deliver: after({ act: 'deliver', message: message.number }),
      lose: after({ act: 'lose', message: message.number }),
    })),
    leaders,
    members: scene.members.map((member) => ({
      ...member,
      roleWord: roleWord(member),
      leaderWord: member.isUp && member.leader > 0 ? String(member.leader) : '–',
      voteWord: member.vote > 0 ? String(member.vote) : '–',
      patience: member.isUp && member.role !== 'leader' ? { spent: member.elapsed, of: member.timeout } : undefined,
      acts: controlsOf(member, acting.length > 0 && !acting.includes(member)).flatMap(({ act, text, isMain }) => {
        const href = after({ act, member: member.number })
        return href === undefined ? [] : [{ href, id: `${act}-${member.number}`, text, isMain }]
      }),
    })),
    picture: {
      ...{ width, height, radius, arrows: arrowsOf(places, messages, mostArrows) },
      places: places.map((place) => ({ ...place, ...lookOf(scene.members[place.number - 1]!) })),
    },
  }
}

const lookOf = (member: StageScene['members'][number]) => ({
  look: member.isUp ? member.role : 'stopped',
  roleWord: roleWord(member),
  term: member.term,
  isCut: member.isCut,
})

function controlsOf({ isUp, isCut, role }: StageScene['members'][number], mayTakeOver: boolean) {
  const controls = [
    { act: 'write', text: t('Write'), isMain: true, isThere: isUp },
    { act: 'stop', text: t('Stop'), isMain: true, isThere: isUp },
    { act: 'start', text: t('Start'), isMain: true, isThere: !isUp },
    { act: 'cut', text: isCut ? t('Bring back') : t('Cut off'), isMain: true, isThere: true },
    { act: 'hasten', text: t('Wait no longer'), isMain: false, isThere: isUp && role !== 'leader' },
    { act: 'transfer', text: t('Hand over to it'), isMain: false, isThere: isUp && mayTakeOver },
  ] as const
  return controls.filter(({ isThere }) => isThere)
}
