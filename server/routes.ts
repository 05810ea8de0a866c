/** The site map, a line a page. */
import { type RequestHandler, Router } from 'express'
import { allowOnly } from './middleware/errors.ts'
import { aboutPages } from './pages/about/about.ts'
import { accountPages } from './pages/account/account.ts'
import { challengePages } from './pages/challenges/challenges.ts'
import { componentPages } from './pages/components/components.ts'
import type { AppDeps } from './pages/deps.ts'
import { editorPages } from './pages/editor/editor.ts'
import { examPages } from './pages/exams/exams.ts'
import { homePages } from './pages/home/home.ts'
import { interviewPages } from './pages/interviews/interviews.ts'
import { lessonPages } from './pages/lessons/lessons.ts'
import { ownDataPages } from './pages/own-data/own-data.ts'
import { progressPages } from './pages/progress/progress.ts'
import { questionPages } from './pages/questions/questions.ts'
import { sandboxPages } from './pages/sandboxes/sandboxes.ts'
import { searchPage } from './pages/search/search.ts'
import { studyPages } from './pages/study/study.ts'

export function routes(deps: AppDeps): Router {
  const router = Router({ caseSensitive: true })
  const home = homePages(deps)
  const lessons = lessonPages(deps)
  const questions = questionPages(deps)
  const challenges = challengePages(deps)
  const sandboxes = sandboxPages(deps)
  const editor = editorPages(deps)
  const study = studyPages(deps)
  const exams = examPages(deps)
  const interviews = interviewPages(deps)
  const progress = progressPages(deps)
  const data = ownDataPages(deps)
  const account = accountPages(deps)
  const about = aboutPages(deps)

  page(router, '/', { get: home.show })
  page(router, '/try', { post: home.kill })
  page(router, '/lessons', { get: lessons.index })
  page(router, '/lessons/:section/:slug', { get: lessons.show })
  page(router, '/lessons/:section/:slug/demos/:demo', { post: lessons.run })
  page(router, '/questions', { get: questions.index })
  page(router, '/questions/:section/:slug', { get: questions.show })
  page(router, '/questions/:section/:slug/answer', { post: questions.answer })
  page(router, '/challenges', { get: challenges.index })
  page(router, '/challenges/:id', { get: challenges.show, post: challenges.act })
  page(router, '/challenges/:id/draft', { post: challenges.draft })
  page(router, '/challenges/:id/results/:attempt/:number', { get: challenges.result })
  page(router, '/challenges/:id/results/:attempt/:number/change', { post: challenges.change })
  page(router, '/challenges/:id/results/:attempt/:number/verify', { post: challenges.verify })
  page(router, '/challenges/:id/results/:attempt/:number/give-up', { post: challenges.giveUp })
  page(router, '/sandboxes', { get: sandboxes.index, post: sandboxes.create })
  page(router, '/sandboxes/:id', { get: sandboxes.show, post: sandboxes.act })
  page(router, '/sandboxes/:id/live', { get: sandboxes.live })
  page(router, '/sandboxes/:id/kubeconfig', { get: sandboxes.kubeconfig })
  page(router, '/sandboxes/:id/export', { get: sandboxes.export })
  page(router, '/shared/:token', { get: sandboxes.showShared })
  page(router, '/shared/:token/live', { get: sandboxes.liveShared })
  page(router, '/editor/lint', { post: editor.lint })
  page(router, '/editor/schema', { get: editor.schema })
  page(router, '/editor/kinds', { get: editor.kinds })
  page(router, '/search', { get: searchPage(deps) })
  page(router, '/study', { get: study.hub })
  page(router, '/study/review', { get: study.review })
  page(router, '/study/review/next', { get: study.nextReview })
  page(router, '/study/notebook', { get: study.notebook })
  page(router, '/study/mistakes/next', { get: study.nextMistake })
  page(router, '/study/bookmarks', { post: study.bookmark })
  page(router, '/study/notes', { post: study.note })
  page(router, '/study/read', { post: study.read })
  page(router, '/study/exams', { get: exams.index, post: exams.create })
  page(router, '/study/exams/:id', { get: exams.open })
  page(router, '/study/exams/:id/questions/:n', { get: exams.show, post: exams.act })
  page(router, '/study/exams/:id/finish', { get: exams.finish, post: exams.handIn })
  page(router, '/study/exams/:id/judge', { post: exams.judge })
  page(router, '/study/exams/:id/results', { get: exams.results })
  page(router, '/study/exams/:id/remove', { post: exams.remove })
  page(router, '/study/interview', { get: interviews.index, post: interviews.create })
  page(router, '/study/interview/:id', { get: interviews.open })
  page(router, '/study/interview/:id/questions/:n', { get: interviews.show, post: interviews.act })
  page(router, '/study/interview/:id/summary', { get: interviews.summary })
  page(router, '/study/interview/:id/remove', { post: interviews.remove })
  page(router, '/progress', { get: progress.show })
  page(router, '/progress/verify', { post: progress.verify })
  page(router, '/progress/export', { get: data.export })
  page(router, '/progress/import', { get: data.importForm, post: data.importFile })
  page(router, '/progress/import/confirm', { post: data.importConfirm })
  page(router, '/progress/delete', { get: data.removeForm, post: data.remove })
  page(router, '/account', { get: account.show, post: account.create })
  page(router, '/account/sign-in', { get: account.signInForm, post: account.signIn })
  page(router, '/account/links', { post: account.askLink })
  page(router, '/account/link', { get: account.link, post: account.useLink })
  page(router, '/account/before', { get: account.beforeForm, post: account.before })
  page(router, '/account/sign-out', { post: account.signOut })
  page(router, '/account/passphrase', { post: account.passphrase })
  page(router, '/account/mail', { post: account.mail })
  page(router, '/account/delete', { get: account.removeForm, post: account.remove })
  page(router, '/settings/keys', { post: progress.keys })
  page(router, '/simulated', { get: about.simulated })
  page(router, '/help', { get: about.help })
  page(router, '/components', { get: componentPages(deps).show })
  return router
}

/** The methods of a path; every other one is answered with 405. */
function page(router: Router, path: string, handlers: { get?: RequestHandler; post?: RequestHandler }): void {
  const route = router.route(path)
  if (handlers.get) route.get(handlers.get)
  if (handlers.post) route.post(handlers.post)
  route.all(allowOnly(...(handlers.get ? ['GET', 'HEAD'] : []), ...(handlers.post ? ['POST'] : [])))
}
