/** One proof in a thread of its own. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadCatalog } from '../../server/catalog/load.ts'
import type { Catalog } from '../../server/catalog/types.ts'
import { type ProofOptions, type ProofResult, proveChallenge } from '../../server/labs/proofs/challenge-proofs.ts'
import { codeProblems } from '../../server/labs/proofs/code-blocks.ts'
import { proveLesson, proveQuestion } from '../../server/labs/proofs/lesson-proofs.ts'
import { fillText, openChallenge } from '../../sim/index.ts'

export interface ProofTask {
  kind: 'challenge' | 'lesson' | 'question'
  id: string
}

let loading: ReturnType<typeof loadCatalog> | undefined

export default async function prove({
  task,
  content,
  options,
}: {
  task: ProofTask
  content: string | string[]
  options: ProofOptions
}): Promise<ProofResult> {
  loading ??= loadCatalog(content)
  const { catalog } = await loading
  const proven = await proofOf(task, catalog, content, options)
  return { ...proven, problems: [...proven.problems, ...codeProblemsOf(task, catalog, content)] }
}

async function proofOf(
  { kind, id }: ProofTask,
  catalog: Catalog,
  content: string | string[],
  options: ProofOptions,
): Promise<ProofResult> {
  if (kind === 'challenge') return proveChallenge(content, catalog.challenges.get(id)!, options)
  return kind === 'lesson' ? proveLesson(catalog.lessons.get(id)!) : proveQuestion(catalog.questions.get(id)!, options)
}

/** A challenge's commands are run in its own cluster, as it is handed over. */
function codeProblemsOf({ kind, id }: ProofTask, { challenges }: Catalog, content: string | string[]): string[] {
  const path = kind === 'challenge' ? `challenges/${id}/challenge.md` : `${kind}s/${id}.md`
  const folder = [content].flat().find((one) => existsSync(join(one, path)))!
  const text = readFileSync(join(folder, path), 'utf8')
  const opened = kind === 'challenge' ? openChallenge(challenges.get(id)!.spec, 'proof-1') : undefined
  const problems = opened ? codeProblems(fillText(text, opened.params), opened.cluster) : codeProblems(text)
  return problems.map((problem) => `content/${path}:${problem}`)
}
