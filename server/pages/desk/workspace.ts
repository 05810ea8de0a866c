/** What a desk shows of a task: its files, its cluster, and what was done. Pure; nothing here holds a solution or a hidden check. */
import type { ChallengeSpec } from '../../../sim/index.ts'
import type { Challenge } from '../../catalog/types.ts'
import type { Locale } from '../../i18n/locale.ts'
import { msg, t } from '../../i18n/translate.ts'
import type { ClusterView, WorkResult } from '../../labs/types.ts'
import { answerFilesOf } from '../../practice/answer-files.ts'
import { digestOf, draftVersion, isProven, scoreOf } from '../../practice/attempts.ts'
import type { Item } from '../../practice/items.ts'
import { fillText } from '../../questions/params.ts'
import { renderInline, renderMarkdown } from '../../render/markdown.ts'
import { ownCommands } from '../../storage/given-faults.ts'
import type { Attempt } from '../../storage/types.ts'
import { printDay } from '../time.ts'
import { type CheckModel, viewChecks } from './checks.ts'
import { type ClusterModel, viewCluster } from './cluster.ts'
import type { Desk, FramePart } from './types.ts'
import { type VerdictModel, viewVerdict } from './verdict.ts'

export interface WorkspaceNotice {
  /** The challenge was changed since the attempt was begun. */
  isFormer?: boolean
  /** What was done was seen in a cluster of another version of the simulator. */
  isOtherEngine?: boolean
  /** Nothing was done: the page is only shown. */
  isLook?: boolean
  /** The last of the gradings is new. */
  isGraded?: boolean
  /** What has changed around the desk with it. */
  around?: FramePart
  /** Of the learner's track, for who has passed. */
  next?: Pick<Item, 'href' | 'title'> & Partial<Item>
  /** What was handed in of it waits to be graded. */
  isOwed?: boolean
  file?: string
  output?: { line: string; exit: number; text: string }
  problem?: string
  /** What there is to know about the last action, without anything being wrong. */
  told?: string
  /** A line that was refused goes back into its field. */
  line?: string
  /** A moment that is over, in place of the present one. */
  then?: ClusterModel
  /** Another tab has saved the file since this one showed it. */
  conflict?: DraftConflict
}

export interface DraftConflict {
  file: string
  mine: string
  /** Undefined for the file as it was at the start. */
  theirs: string | undefined
  /** Of theirs. */
  version: string
  /** The page has one's own text in its editor still. */
  isInEditor: boolean
}

export interface WorkspaceModel {
  id: string
  /** The address of the desk's page. */
  href: string
  /** Checks, hints and gradings are shown. */
  isOpenBook: boolean
  /** It is somebody else's. */
  isHelp: boolean
  /** Another variant can be drawn. */
  hasVariants: boolean
  /** What the task is written in. */
  locale: Locale
  title: string
  kind: ChallengeSpec['style']
  /** The kind in words. */
  style: string
  difficulty: number
  /** Undefined where a clock of its own runs. */
  minutes: number | undefined
  /** HTML. */
  statement: string
  /** `isChanged`: it is another text than at the start. An answer begins as nothing, and is saved as it is written. */
  files: { name: string; isActive: boolean; isChanged: boolean }[]
  file: string
  /** It is handed in, not applied. */
  isAnswer: boolean
  /** There are files, and none of them is applied: the work is done in the terminal. */
  isAnswerOnly: boolean
  content: string
  /** What this page shows of the file: said again when it saves another text. */
  seen: string
  /** Texts that gave way to others, the latest first. */
  earlier: { id: string; at: string; text: string }[]
  /** The file as it was at the start. */
  original: string
  allowKubectl: boolean
  line: string
  commands: number
  canUndo: boolean
  view: ClusterView
  cluster: ClusterModel
  checks: CheckModel[]
  gates: CheckModel[]
  hints: { id: string; cost: number; html: string | undefined }[]
  gradings: { number: number; score: string; href: string; passed: boolean; isProven: boolean }[]
  /** Where a grading that waits is looked at. */
  owed: string | undefined
  /** Of the last grading. */
  verdict: VerdictModel | undefined
  notice: WorkspaceNotice
}

/** The files of the task, with what was drawn for the variant. */
export const originalFiles = (
  { spec }: Challenge,
  params: Readonly<Record<string, string | number>>,
): Record<string, string> =>
  Object.fromEntries(Object.entries(spec.workspace.files).map(([name, text]) => [name, fillText(text, params)]))

/** @param desk where it is worked on, and what is told there */
export function viewWorkspace(
  desk: Pick<Desk, 'frame' | 'href' | 'isOpenBook' | 'isHelp' | 'sat' | 'task'>,
  challenge: Challenge,
  attempt: Attempt,
  result: WorkResult,
  notice: WorkspaceNotice,
): WorkspaceModel {
  const { spec } = challenge
  const fill = (text: string) => fillText(text, result.params)
  const names = Object.keys(spec.workspace.files)
  const file = notice.file && names.includes(notice.file) ? notice.file : (names[0] ?? '')
  const originals = originalFiles(challenge, result.params)
  const originalOf = (name: string) => originals[name] ?? ''
  const lastGrading = attempt.gradings.at(-1)
  const titles = new Map(challenge.texts.checks.map(({ id, title }) => [id, fill(title)]))
  const checks = result.checks.map((check) => ({ ...check, title: titles.get(check.id) ?? check.title }))
  const answers = answerFilesOf(spec)
  const shown = desk.isOpenBook || desk.sat?.showsChecks ? checks : []
  // What a grading found is told where its verdict is, and nowhere else: an exercise is graded before its end as well.
  const seen = desk.isOpenBook ? viewChecks(shown, challenge, attempt) : shown
  const isTold = <T>(list: T[]): T[] => (desk.isOpenBook ? list : [])
  return {
    id: challenge.id,
    href: desk.href,
    isOpenBook: desk.isOpenBook,
    isHelp: desk.isHelp === true,
    hasVariants: !desk.task.exam && !desk.sat,
    locale: challenge.locale,
    title: challenge.title,
    kind: spec.style,
    style: t(styles[spec.style]),
    difficulty: spec.difficulty,
    minutes: desk.frame ? undefined : spec.minutes,
    statement: renderMarkdown(challenge.statement, result.params),
    files: names.map((name) => ({
      name,
      isActive: name === file,
      isChanged:
        !answers.includes(name) && attempt.drafts[name] !== undefined && attempt.drafts[name] !== originalOf(name),
    })),
    file,
    isAnswer: answers.includes(file),
    isAnswerOnly: names.length > 0 && names.every((name) => answers.includes(name)),
    content: attempt.drafts[file] ?? originalOf(file),
    seen: `${draftVersion(attempt, file)}.${digestOf(attempt.drafts[file] ?? originalOf(file))}`,
    earlier: attempt.earlierDrafts
      .filter((draft) => draft.file === file)
      .map(({ text, atMs }) => ({ id: digestOf(text), at: printDay(atMs), text }))
      .reverse(),
    original: originalOf(file),
    allowKubectl: spec.workspace.allowKubectl,
    line: notice.line ?? '',
    commands: ownCommands(attempt.log).length,
    canUndo: ownCommands(attempt.log).length > 0,
    view: result.view,
    cluster: notice.then ?? viewCluster({ href: desk.href, file }, attempt, result, 'now'),
    checks: seen.filter(({ gate }) => !gate),
    gates: seen.filter(({ gate }) => gate),
    // A hint that is bound to a cause is offered only when a grading has found that cause.
    hints: isTold(spec.hints.map((hint, n) => ({ ...hint, text: challenge.texts.hints[n]!.text })))
      .filter(({ id, cause }) => !cause || attempt.hintsOpened.includes(id) || foundCause(attempt, cause))
      .map(({ id, cost, text }) => ({
        id,
        cost,
        html: attempt.hintsOpened.includes(id) ? renderInline(text, result.params) : undefined,
      })),
    gradings: isTold(
      attempt.gradings.map((grading, n) => ({
        number: n + 1,
        score: printScore(scoreOf(grading, challenge)),
        href: `/challenges/${challenge.id}/results/${attempt.id}/${n + 1}`,
        passed: grading.result.passed,
        isProven: isProven(grading),
      })),
    ),
    verdict:
      desk.isOpenBook && lastGrading
        ? viewVerdict(challenge, attempt, lastGrading, attempt.gradings.length, notice.next)
        : undefined,
    owed: notice.isOwed && desk.isOpenBook ? `/challenges/${challenge.id}/grading/${attempt.id}` : undefined,
    notice,
  }
}

function foundCause(attempt: Attempt, cause: string): boolean {
  return attempt.gradings.some(({ result }) =>
    [...result.tests, ...result.gates].some((test) => test.causes?.includes(cause)),
  )
}

/** Out of 100; a dash where there is none. */
export function printScore(score: number | undefined): string {
  return score === undefined ? '–' : String(score)
}

/** As a word among others. */
export const styles: Record<ChallengeSpec['style'], string> = {
  build: msg('build'),
  fix: msg('fix'),
  operate: msg('operate'),
  design: msg('design'),
  task: msg('exam task'),
}
