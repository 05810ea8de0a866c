/** View models of the sandbox pages. Pure. */
import { currentLocale, type Locale, original } from '../../i18n/locale.ts'
import { msg, t, tn } from '../../i18n/translate.ts'
import type {
  CauseNode,
  ObjectVersion,
  SandboxAddress,
  SandboxSummary,
  SandboxView,
} from '../../labs/sandboxes/types.ts'
import type { ClusterView } from '../../labs/types.ts'
import { lineOfWords } from '../../labs/views/command-line.ts'
import { printClock } from '../clock.ts'
import { summaryOf } from '../cluster-summary.ts'
import { type DiffLine, diffLines } from '../diff.ts'
import { faultGroups, groupsOfStaticPods } from '../faults.ts'
import { marksOver, sliderOf, type TimeBar } from '../time-bar.ts'
import { actorName, type CauseGraph, causeGraph } from './cause-graph.ts'
import { type FirstStep, firstStepOf } from './first-step.ts'
import { emptyJoin, type JoinFields, type JoinProblems } from './join-form.ts'
import { type Resource, resourceGroups } from './resources.ts'

/** A sandbox as somebody may see it: its owner, or whoever was given the link. */
export interface Seen {
  summary: SandboxSummary
  isOwner: boolean
  /** Where its pages are. */
  href: string
}

export const tabs = ['terminal', 'objects', 'events', 'faults', 'causes', 'history', 'kubectl', 'settings'] as const
export type Tab = (typeof tabs)[number]

const tabTitles: Record<Tab, string> = {
  terminal: msg('Terminal'),
  objects: msg('Objects'),
  events: msg('Events'),
  faults: msg('Faults'),
  causes: msg('Causes'),
  history: msg('History'),
  kubectl: msg('Your kubectl'),
  settings: msg('Settings'),
}
const readOnlyTabs: readonly Tab[] = ['objects', 'events', 'causes', 'history']

export const tabsOf = ({ isOwner }: Seen): readonly Tab[] => (isOwner ? tabs : readOnlyTabs)

export const speeds = [0, 1, 10, 60] as const

/** What there is to say about the last thing that was done. */
export interface Told {
  output?: { line: string; exit: number; text: string }
  /** Nothing is wrong. */
  note?: string
  problem?: string
  /** What was typed and refused goes back into its field. */
  line?: string
  manifest?: string
  /** What is wrong with the file that was sent. */
  upload?: string
  join?: { fields: JoinFields; problems: JoinProblems }
}

export interface WorkspaceModel {
  id: string
  name: string
  href: string
  isOwner: boolean
  expires: string
  /** Of a past moment; undefined for now. */
  atMs: number | undefined
  isPast: boolean
  time: TimeBar
  isSettled: boolean
  /** One sentence on the cluster, for who does not see the picture. */
  summary: string
  stopped: string | undefined
  /** Of a past moment: that it is one. */
  past: string | undefined
  notice: string | undefined
  /** What somebody does first in a new one. */
  first: FirstStep | undefined
  view: ClusterView
  board: Board
  /** The part that a phone shows at first. */
  part: 'cluster' | 'dock'
  tab: Tab
  tabs: { id: Tab; title: string; href: string; isActive: boolean }[]
  tool: Tool
  told: Told
  /** What hidden fields of forms keep. */
  kept: { name: string; value: string }[]
}

/** The picture of the cluster; its events stand in the dock. */
export interface Board {
  view: ClusterView
  id: string
  parts: readonly string[]
  /** The address of the object browser, and of the faults of a node, as far as they go. */
  browse: string
  faults: string | undefined
  /** What there is none of is not told. */
  isBrief: true
}

export type Tool =
  /** These have their place on the page, whatever is shown: the one is never drawn anew, the other comes by itself. */
  | { tab: 'terminal' }
  | { tab: 'events' }
  | ({ tab: 'objects' } & ObjectsTool)
  | ({ tab: 'causes' } & CausesTool)
  | {
      tab: 'faults'
      groups: typeof faultGroups
      /** The control plane's own: their manifests are what breaks them. */
      staticPods: boolean
      nodes: { name: string; isChosen: boolean }[]
      /** Nodes with a member of etcd, where there are several. */
      members: readonly string[]
      pods: { value: string; label: string }[]
      /** What the form for a new node holds at first. */
      join: JoinFields
      isPast: boolean
    }
  | {
      tab: 'history'
      rows: {
        n: number
        clock: string
        atMs: number
        href: string
        label: string
        /** What the label is in: a line as it was typed, or the page's words for a fault. */
        locale: Locale
        isShown: boolean
      }[]
      more: number
    }
  | {
      tab: 'kubectl'
      origin: string
      /** The name of the origin, when the API does not answer to it. */
      unknownHost: string | undefined
      /** What happens to kubectl then; a text for `th`, as is the other one. */
      refused: string
      address: { server: string; expires: string; file: string; warning: string } | undefined
    }
  | { tab: 'settings'; shareUrl: string | undefined; expires: string; created: string }

export interface Picker {
  groups: { title: string; resources: (Resource & { isActive: boolean })[] }[]
  resource: Resource
}

export interface ObjectsTool {
  picker: Picker
  /** The objects there are, when none is chosen. */
  list: { rows: { namespace: string; name: string; href: string; changed: string }[] } | undefined
  chosen: ChosenObject | undefined
}

export interface ChosenObject {
  namespace: string
  name: string
  listHref: string
  causesHref: string
  /** Of a Pod: how it came to be, as a picture. */
  birthHref: string | undefined
  isGone: boolean
  versions: {
    revision: number
    clock: string
    by: string
    word: string
    href: string
    isShown: boolean
    momentHref: string
  }[]
  more: number
  revision: number
  yaml: string
  /** Against which revision the difference is told. */
  against: { revision: number; isChosen: boolean }[]
  diff: { from: number; lines: DiffLine[] } | undefined
}

export interface CausesTool {
  picker: Picker
  namespace: string
  name: string
  objectHref: string
  graph: CauseGraph | undefined
  /** How the graph names the object itself. */
  self: string
  objects: string[]
}

/** What the address of a page says beside the sandbox. */
export interface Wanted {
  tab: Tab
  atMs: number | undefined
  resource: Resource
  namespace: string
  name: string
  revision: number | undefined
  against: number | undefined
  /** Whose faults are looked at. */
  node: string
  /** The address names a view. */
  isNamed: boolean
}

/** The address of a page: only what differs from the first state stands in it. */
export function hrefOf(href: string, wanted: Partial<Wanted>): string {
  const query = new URLSearchParams()
  if (wanted.atMs !== undefined) query.set('at', String(wanted.atMs))
  if (wanted.tab) query.set('show', wanted.tab)
  if (wanted.resource) query.set('resource', wanted.resource.id)
  if (wanted.namespace) query.set('namespace', wanted.namespace)
  if (wanted.name) query.set('name', wanted.name)
  if (wanted.revision !== undefined) query.set('revision', String(wanted.revision))
  if (wanted.against !== undefined) query.set('against', String(wanted.against))
  if (wanted.node) query.set('node', wanted.node)
  const text = query.toString()
  return text ? `${href}?${text}` : href
}

export function viewWorkspace(
  seen: Seen,
  look: SandboxView,
  wanted: Wanted,
  tool: Tool,
  told: Told,
  nowMs: number,
): WorkspaceModel {
  const { summary, isOwner, href } = seen
  const isPast = wanted.atMs !== undefined && wanted.atMs < look.nowMs
  const moment = isPast ? { atMs: Math.floor(look.atMs) } : {}
  const kept = [
    { name: 'show', value: wanted.tab },
    ...(wanted.tab === 'objects' || wanted.tab === 'causes'
      ? [
          { name: 'resource', value: wanted.resource.id },
          { name: 'namespace', value: wanted.namespace },
          { name: 'name', value: wanted.name },
        ]
      : []),
  ].filter(({ value }) => value !== '')
  return {
    id: summary.id,
    name: summary.name,
    href,
    isOwner,
    expires: printUntil(summary.expiresAtMs, nowMs),
    atMs: moment.atMs,
    isPast,
    time: timeOf(seen, look, wanted, isPast, kept),
    isSettled: look.view.isSettled,
    summary: summaryOf(look.view),
    stopped: look.stopped,
    past: isPast ? tellPast(isOwner, printClock(look.atMs)) : undefined,
    notice: look.notice,
    first: isOwner && !isPast ? firstStepOf(look) : undefined,
    view: look.view,
    board: {
      view: look.view,
      id: 'board',
      parts: ['pods', 'services', 'objects', 'notes'],
      browse: hrefOf(href, { ...moment, tab: 'objects' }),
      faults: isOwner && !isPast ? hrefOf(href, { tab: 'faults' }) : undefined,
      isBrief: true,
    },
    part: wanted.isNamed ? 'dock' : 'cluster',
    tab: wanted.tab,
    tabs: tabsOf(seen).map((id) => ({
      id,
      title: t(tabTitles[id]),
      href: hrefOf(href, {
        ...moment,
        tab: id,
        ...((id === 'objects' || id === 'causes') && wanted.name
          ? { resource: wanted.resource, namespace: wanted.namespace, name: wanted.name }
          : {}),
      }),
      isActive: id === wanted.tab,
    })),
    tool,
    told,
    kept,
  }
}

/** Here time runs by itself, as fast as its owner says. */
function timeOf(
  { isOwner, href }: Seen,
  look: SandboxView,
  { tab }: Wanted,
  isPast: boolean,
  kept: WorkspaceModel['kept'],
): TimeBar {
  const { nowMs, speed, stopped } = look
  const atMs = isPast ? look.atMs : nowMs
  const pace = stopped ? t('stopped') : speed === 0 ? t('paused') : t('runs at {n}×', { n: speed })
  const mayMove = isOwner && !isPast
  return {
    clock: printClock(atMs),
    endClock: printClock(nowMs),
    atMs: Math.floor(atMs),
    endMs: Math.floor(nowMs),
    isPast,
    speed: isPast || stopped ? 0 : speed,
    state: isPast
      ? t('in the past · now {clock}', { clock: printClock(nowMs) })
      : `${pace} · ${look.view.isSettled ? t('settled') : t('changing')}`,
    slider: sliderOf(atMs, nowMs, !isPast, marksOver(nowMs, look.marks), {
      action: href,
      kept,
      target: undefined,
      isPushed: true,
    }),
    speeds: mayMove
      ? speeds.map((value) => ({
          value,
          label: value === 0 ? t('Pause') : `${value}×`,
          isActive: speed === value,
        }))
      : [],
    buttons: mayMove
      ? [
          { id: 'step', value: 'step', label: msg('Step<hidden> to the next event</hidden>') },
          { id: 'minute', value: 'minute', label: msg('+1 min') },
          { id: 'settle', value: 'settle', label: msg('Settle<hidden>: run until settled</hidden>') },
        ]
      : [],
    does: mayMove ? { action: href, kept } : undefined,
    back: isPast ? { href: hrefOf(href, { tab }), target: undefined } : undefined,
    branch: isPast && isOwner ? { action: href } : undefined,
    mayPlay: false,
  }
}

function pickerOf(resource: Resource): Picker {
  return {
    resource,
    groups: resourceGroups.map(({ title, resources }) => ({
      title,
      resources: resources.map((one) => ({ ...one, isActive: one.id === resource.id })),
    })),
  }
}

/** Versions that are listed at most. */
const maxVersions = 60

export function viewList(href: string, wanted: Wanted, objects: readonly ObjectVersion[]): ObjectsTool {
  return {
    picker: pickerOf(wanted.resource),
    list: {
      rows: objects.map(({ namespace, name, atMs }) => ({
        namespace,
        name,
        href: hrefOf(href, { tab: 'objects', atMs: wanted.atMs, resource: wanted.resource, namespace, name }),
        changed: printClock(atMs),
      })),
    },
    chosen: undefined,
  }
}

const words = { ADDED: msg('created'), MODIFIED: msg('changed'), DELETED: msg('deleted') }

export function viewObject(href: string, wanted: Wanted, versions: readonly ObjectVersion[]): ObjectsTool {
  const { resource, namespace, name } = wanted
  const of = { tab: 'objects' as const, atMs: wanted.atMs, resource, namespace, name }
  const shown = Math.max(
    0,
    versions.findIndex(({ revision }) => revision === wanted.revision),
  )
  const version = versions[shown]
  if (!version) return { picker: pickerOf(resource), list: undefined, chosen: undefined }
  const older = versions.slice(shown + 1)
  const from = older.find(({ revision }) => revision === wanted.against) ?? older[0]
  return {
    picker: pickerOf(resource),
    list: undefined,
    chosen: {
      namespace,
      name,
      listHref: hrefOf(href, { tab: 'objects', atMs: wanted.atMs, resource }),
      causesHref: hrefOf(href, { ...of, tab: 'causes' }),
      birthHref: resource.id === 'pods' ? `${href}/birth?${new URLSearchParams({ namespace, name })}` : undefined,
      isGone: versions[0]!.type === 'DELETED',
      versions: versions.slice(0, maxVersions).map(({ revision, atMs, by, type }) => ({
        revision,
        clock: printClock(atMs),
        by: actorName(by) || t('before the hand-over'),
        word: t(words[type]),
        href: hrefOf(href, { ...of, revision }),
        isShown: revision === version.revision,
        momentHref: hrefOf(href, { ...of, atMs: Math.ceil(atMs) }),
      })),
      more: Math.max(0, versions.length - maxVersions),
      revision: version.revision,
      yaml: version.yaml,
      against: older.slice(0, maxVersions).map(({ revision }) => ({ revision, isChosen: revision === from?.revision })),
      diff: from && { from: from.revision, lines: diffLines(from.yaml, version.yaml) },
    },
  }
}

export function viewCauses(
  href: string,
  wanted: Wanted,
  objects: readonly ObjectVersion[],
  nodes: readonly CauseNode[] | undefined,
): CausesTool {
  const { resource, namespace, name } = wanted
  return {
    picker: pickerOf(resource),
    namespace,
    name,
    objectHref: hrefOf(href, { tab: 'objects', atMs: wanted.atMs, resource, namespace, name }),
    graph: nodes && causeGraph(wanted.atMs === undefined ? nodes : nodes.filter(({ atMs }) => atMs <= wanted.atMs!)),
    self: [resource.kind, namespace, name].filter(Boolean).join('/'),
    objects: objects.map((object) => (resource.isNamespaced ? `${object.namespace}/${object.name}` : object.name)),
  }
}

/** @param node whose faults are looked at */
export function viewFaults(
  view: ClusterView,
  node: string,
  { machines, members, staticPods }: { machines: readonly string[]; members: readonly string[]; staticPods: boolean },
  isPast: boolean,
): Extract<Tool, { tab: 'faults' }> {
  return {
    tab: 'faults',
    groups: staticPods ? groupsOfStaticPods : faultGroups,
    staticPods,
    members,
    nodes: view.nodes.map(({ name }) => ({ name, isChosen: name === node })),
    pods: view.pods.map(({ namespace, name }) => ({
      value: `${namespace}/${name}`,
      label: namespace === 'default' ? name : `${namespace}/${name}`,
    })),
    join: emptyJoin(machines),
    isPast,
  }
}

export function viewHistory(
  href: string,
  wanted: Wanted,
  marks: SandboxView['marks'],
): Extract<Tool, { tab: 'history' }> {
  const most = 200
  return {
    tab: 'history',
    rows: marks
      .map((mark, n) => {
        const { atMs, words } = mark
        const at = Math.floor(atMs)
        return {
          n: n + 1,
          clock: printClock(atMs),
          atMs: at,
          href: hrefOf(href, { atMs: at, tab: 'history' }),
          label: lineOfWords(words),
          locale: 'typed' in words ? original : currentLocale(),
          isShown: at === wanted.atMs,
        }
      })
      .reverse()
      .slice(0, most),
    more: Math.max(0, marks.length - most),
  }
}

const refusedByHost = msg(
  '<code>kubectl</code> will be rejected at this address: the server does not know that it is called {host}. Its operator can set <code>PUBLIC_URL</code> to {origin}, or add the name to <code>ALLOWED_HOSTS</code>.',
)
const secret = msg('Anyone with the address can do everything in this sandbox. Keep it secret, like a password.')
const secretOverHttp = msg(
  'Anyone with the address can do everything in this sandbox. Keep it secret, like a password. Over plain HTTP <code>kubectl</code> sends neither tokens nor client certificates: to act as somebody else, use <code>--as</code>.',
)

export function viewAddress(
  address: SandboxAddress | undefined,
  { origin, unknownHost }: { origin: string; unknownHost: string | undefined },
  nowMs: number,
  summary: SandboxSummary,
): Extract<Tool, { tab: 'kubectl' }> {
  return {
    tab: 'kubectl',
    origin,
    unknownHost,
    refused: refusedByHost,
    address: address && {
      server: addressUrl(origin, address),
      warning: origin.startsWith('http:') ? secretOverHttp : secret,
      expires: printUntil(address.expiresAtMs, nowMs),
      file: `podium-${fileNameOf(summary)}.yaml`,
    },
  }
}

function tellPast(isOwner: boolean, clock: string): string {
  return isOwner
    ? t(
        'You are looking at the cluster as it was at {clock}; nothing can change it any more. Branch from here to try something else; the terminal works on the cluster as it is now.',
        { clock },
      )
    : t('You are looking at the cluster as it was at {clock}; nothing can change it any more.', { clock })
}

/** A file's name that says which sandbox it is of. */
export const fileNameOf = ({ name, id }: SandboxSummary): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '') || id

export const addressUrl = (origin: string, { secret }: SandboxAddress): string => `${origin}/k8s/${secret}`

export function viewSettings(
  { shareToken, expiresAtMs, createdAtMs }: SandboxSummary,
  origin: string,
  nowMs: number,
): Extract<Tool, { tab: 'settings' }> {
  return {
    tab: 'settings',
    shareUrl: shareToken && `${origin}/shared/${shareToken}`,
    expires: printUntil(expiresAtMs, nowMs),
    created: printSince(createdAtMs, nowMs),
  }
}

export function viewRows(summaries: readonly SandboxSummary[], nowMs: number) {
  return summaries.map(({ id, name, nodes, speed, lastUsedAtMs, expiresAtMs, shareToken }) => ({
    id,
    name,
    nodes,
    pace: speed === 0 ? t('paused') : `${speed}×`,
    used: printSince(lastUsedAtMs, nowMs),
    expires: printUntil(expiresAtMs, nowMs),
    isShared: shareToken !== undefined,
  }))
}

function printUntil(thenMs: number, nowMs: number): string {
  const minutes = Math.max(0, Math.round((thenMs - nowMs) / 60_000))
  if (minutes === 0) return t('any moment now')
  const { unit, n } = spanOf(minutes)
  if (unit === 'minutes') return tn(n, 'in {n} minute', 'in {n} minutes')
  return unit === 'hours' ? tn(n, 'in {n} hour', 'in {n} hours') : tn(n, 'in {n} day', 'in {n} days')
}

function printSince(thenMs: number, nowMs: number): string {
  const minutes = Math.max(0, Math.round((nowMs - thenMs) / 60_000))
  if (minutes === 0) return t('just now')
  const { unit, n } = spanOf(minutes)
  if (unit === 'minutes') return tn(n, '{n} minute ago', '{n} minutes ago')
  return unit === 'hours' ? tn(n, '{n} hour ago', '{n} hours ago') : tn(n, '{n} day ago', '{n} days ago')
}

function spanOf(minutes: number): { unit: 'minutes' | 'hours' | 'days'; n: number } {
  if (minutes < 60) return { unit: 'minutes', n: minutes }
  if (minutes < 48 * 60) return { unit: 'hours', n: Math.round(minutes / 60) }
  return { unit: 'days', n: Math.round(minutes / (24 * 60)) }
}
