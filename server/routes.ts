/** The site map, a line a page. */
import { type RequestHandler, Router } from 'express'
import { allowed } from './middleware/allowed.ts'
import { allowOnly } from './middleware/errors.ts'
import { aboutPages } from './pages/about/about.ts'
import { accountPages } from './pages/account/account.ts'
import { auditPage } from './pages/admin/audit.ts'
import { rolePages } from './pages/admin/roles.ts'
import { challengePages } from './pages/challenges/challenges.ts'
import { ownReplayPages } from './pages/challenges/replay.ts'
import { componentPages } from './pages/components/components.ts'
import { dailyPages } from './pages/daily/daily.ts'
import type { AppDeps } from './pages/deps.ts'
import { fileDoors } from './pages/doors/files.ts'
import { ltiPages } from './pages/doors/lti.ts'
import { ltiCoursePage } from './pages/doors/lti-courses.ts'
import { outsideSignInPages } from './pages/doors/sign-in.ts'
import { webhookPages } from './pages/doors/webhooks.ts'
import { duelPages } from './pages/duels/duels.ts'
import { editorPages } from './pages/editor/editor.ts'
import { examPages } from './pages/exams/exams.ts'
import { golfPages } from './pages/golf/golf.ts'
import { handsOnPages } from './pages/hands-on/hands-on.ts'
import { calibratePage } from './pages/hiring/calibrate.ts'
import { candidateReplayPages } from './pages/hiring/candidate-replay.ts'
import { liveCandidates } from './pages/hiring/candidate-rows.ts'
import { exercisePages } from './pages/hiring/exercise.ts'
import { fairnessPage } from './pages/hiring/fairness.ts'
import { fullReceipt } from './pages/hiring/full-receipt.ts'
import { invitePages } from './pages/hiring/invite.ts'
import { hiringJobPages } from './pages/hiring/jobs.ts'
import { regradePages } from './pages/hiring/regrade.ts'
import { reportPage } from './pages/hiring/report.ts'
import { reviewerPages } from './pages/hiring/reviewers.ts'
import { reviewsPage } from './pages/hiring/reviews.ts'
import { rulesPages } from './pages/hiring/rules.ts'
import { scorePages } from './pages/hiring/score.ts'
import { similarityPages } from './pages/hiring/similarity.ts'
import { workPages } from './pages/hiring/work.ts'
import { homePages } from './pages/home/home.ts'
import { interviewPages } from './pages/interviews/interviews.ts'
import { lessonPages } from './pages/lessons/lessons.ts'
import { oldNotesPage } from './pages/old-notes/old-notes.ts'
import { ownDataPages } from './pages/own-data/own-data.ts'
import { posterPages } from './pages/poster/poster.ts'
import { journalPage } from './pages/progress/journal.ts'
import { progressPages } from './pages/progress/progress.ts'
import { questionPages } from './pages/questions/questions.ts'
import { raftPage } from './pages/raft/raft.ts'
import { sandboxPages } from './pages/sandboxes/sandboxes.ts'
import { searchPage } from './pages/search/search.ts'
import { practicePages } from './pages/study/practice.ts'
import { studyPages } from './pages/study/study.ts'
import { trackPages } from './pages/tracks/tracks.ts'
import { chaosPages } from './pages/workshops/chaos.ts'
import { answerPage } from './pages/workshops/cluster-notices.ts'
import { comparePages } from './pages/workshops/compare.ts'
import { forkPage } from './pages/workshops/fork.ts'
import { joinPages } from './pages/workshops/join.ts'
import { leaderPages } from './pages/workshops/leaders.ts'
import { pollPages } from './pages/workshops/polls.ts'
import { projectorPages } from './pages/workshops/projector.ts'
import { readyMadePages } from './pages/workshops/ready-made.ts'
import { rehearsalPage } from './pages/workshops/rehearsal.ts'
import { seatReplayPages } from './pages/workshops/replay.ts'
import { reportPages } from './pages/workshops/report.ts'
import { retentionPage } from './pages/workshops/retention.ts'
import { rewindPage } from './pages/workshops/rewind.ts'
import { roomPages } from './pages/workshops/room.ts'
import { logPages } from './pages/workshops/room-log.ts'
import { screenPage } from './pages/workshops/screen.ts'
import { seatPages } from './pages/workshops/seat.ts'
import { typingPages } from './pages/workshops/typing.ts'
import { wallPages } from './pages/workshops/wall.ts'
import { workshopPages } from './pages/workshops/workshops.ts'
import type { Action } from './sittings/roles.ts'

/** A path, what is done there, and by which methods. Lines of one path follow each other. */
export interface PageRoute {
  path: string
  action: Action
  get?: RequestHandler
  post?: RequestHandler
}

const page = (path: string, action: Action, handlers: Pick<PageRoute, 'get' | 'post'>): PageRoute => ({
  path,
  action,
  ...handlers,
})

export function siteMap(deps: AppDeps): readonly PageRoute[] {
  const home = homePages(deps)
  const lessons = lessonPages(deps)
  const questions = questionPages(deps)
  const challenges = challengePages(deps)
  const sandboxes = sandboxPages(deps)
  const editor = editorPages(deps)
  const study = studyPages(deps)
  const practice = practicePages(deps)
  const daily = dailyPages(deps)
  const duels = duelPages(deps)
  const poster = posterPages(deps)
  const tracks = trackPages(deps)
  const exams = examPages(deps)
  const handsOn = handsOnPages(deps)
  const interviews = interviewPages(deps)
  const progress = progressPages(deps)
  const data = ownDataPages(deps)
  const account = accountPages(deps)
  const about = aboutPages(deps)
  const roles = rolePages(deps)
  const webhooks = webhookPages(deps)
  const outside = outsideSignInPages(deps)
  const lti = ltiPages(deps)
  const files = fileDoors(deps)
  const workshops = workshopPages(deps)
  const ownReplay = ownReplayPages(deps)
  const seatReplay = seatReplayPages(deps)
  const polls = pollPages(deps)
  const readyMade = readyMadePages(deps)
  const joining = joinPages(deps)
  const room = roomPages(deps)
  const wall = wallPages(deps)
  const seat = seatPages(deps)
  const typing = typingPages(deps)
  const chaos = chaosPages(deps)
  const comparing = comparePages(deps)
  const projector = projectorPages(deps)
  const leading = leaderPages(deps)
  const report = reportPages(deps)
  const log = logPages(deps)
  const jobs = hiringJobPages(deps)
  const exercise = exercisePages(deps)
  const invitations = invitePages(deps)
  const rules = rulesPages(deps)
  const sat = workPages(deps)
  const reviewers = reviewerPages(deps)
  const candidateReplay = candidateReplayPages(deps)
  const score = scorePages(deps)
  const regrading = regradePages(deps)
  const similarity = similarityPages(deps)
  const exercises = '/hiring/jobs/:id/exercises'

  return [
    page('/', 'browse', { get: home.show }),
    page('/try', 'browse', { post: home.kill }),
    page('/lessons', 'browse', { get: lessons.index }),
    page('/lessons/:section/:slug', 'browse', { get: lessons.show }),
    page('/lessons/:section/:slug/cover.svg', 'browse', { get: lessons.cover }),
    page('/lessons/:section/:slug/demos/:demo', 'browse', { post: lessons.run }),
    page('/tracks', 'browse', { get: tracks.index }),
    page('/tracks/:id', 'browse', { get: tracks.show }),
    page('/tracks/:id/own', 'work', { post: tracks.own }),
    page('/old-notes', 'browse', { get: oldNotesPage(deps) }),
    page('/questions', 'browse', { get: questions.index }),
    page('/questions/:section/:slug', 'browse', { get: questions.show }),
    page('/questions/:section/:slug/answer', 'work', { post: questions.answer }),
    page('/challenges', 'browse', { get: challenges.index }),
    page('/challenges/:id', 'work', { get: challenges.show, post: challenges.act }),
    page('/challenges/:id/draft', 'work', { post: challenges.draft }),
    page('/challenges/:id/replay/:attempt', 'work', { get: ownReplay.show }),
    page('/challenges/:id/replay/:attempt/what-if', 'work', { post: ownReplay.ask }),
    page('/challenges/:id/replay/:attempt/fork', 'work', { post: ownReplay.fork }),
    page('/challenges/:id/grading/:attempt', 'work', { get: challenges.grading }),
    page('/challenges/:id/results/:attempt/:number', 'work', { get: challenges.result }),
    page('/challenges/:id/results/:attempt/:number/change', 'work', { post: challenges.change }),
    page('/challenges/:id/results/:attempt/:number/verify', 'work', { post: challenges.verify }),
    page('/challenges/:id/results/:attempt/:number/today', 'work', { post: challenges.today }),
    page('/challenges/:id/results/:attempt/:number/give-up', 'work', { post: challenges.giveUp }),
    page('/challenges/:id/results/:attempt/:number/card.svg', 'work', { get: challenges.card }),
    page('/challenges/:id/results/:attempt/:number/share', 'work', { post: challenges.share }),
    page('/golf', 'work', { get: golfPages(deps).index }),
    page('/runs/:run', 'browse', { get: challenges.sharedRun }),
    page('/runs/:run/card.svg', 'browse', { get: challenges.sharedCard }),
    page('/daily', 'work', { get: daily.index, post: daily.begin }),
    page('/daily/of/:token', 'browse', { get: daily.shown }),
    page('/daily/:day', 'work', { get: daily.show, post: daily.act }),
    page('/daily/:day/draft', 'work', { post: daily.draft }),
    page('/daily/:day/result', 'work', { get: daily.result }),
    page('/duels', 'work', { get: duels.index, post: duels.begin }),
    page('/duels/:id', 'work', { get: duels.show, post: duels.join }),
    page('/duels/:id/questions/:n', 'work', { get: duels.question, post: duels.answer }),
    page('/poster', 'browse', { get: poster.show, post: poster.draw }),
    page('/raft', 'browse', { get: raftPage(deps) }),
    page('/sandboxes', 'work', { get: sandboxes.index, post: sandboxes.create }),
    page('/sandboxes/:id', 'work', { get: sandboxes.show, post: sandboxes.act }),
    page('/sandboxes/:id/live', 'work', { get: sandboxes.live }),
    page('/sandboxes/:id/birth', 'work', { get: sandboxes.birth }),
    page('/sandboxes/:id/kubeconfig', 'work', { get: sandboxes.kubeconfig }),
    page('/sandboxes/:id/export', 'work', { get: sandboxes.export }),
    page('/shared/:token', 'browse', { get: sandboxes.showShared }),
    page('/shared/:token/live', 'browse', { get: sandboxes.liveShared }),
    page('/shared/:token/birth', 'browse', { get: sandboxes.birthShared }),
    page('/editor/lint', 'browse', { post: editor.lint }),
    page('/editor/schema', 'browse', { get: editor.schema }),
    page('/editor/kinds', 'browse', { get: editor.kinds }),
    page('/search', 'browse', { get: searchPage(deps) }),
    page('/study', 'work', { get: study.hub }),
    page('/study/review', 'work', { get: study.review }),
    page('/study/review/next', 'work', { get: study.nextReview }),
    page('/study/notebook', 'work', { get: study.notebook }),
    page('/study/mistakes/next', 'work', { get: study.nextMistake }),
    page('/study/practice', 'work', { get: practice.index }),
    page('/study/practice/new', 'work', { get: practice.begin }),
    page('/study/practice/next', 'work', { get: practice.next }),
    page('/study/practice/rounds/:round', 'work', { get: practice.summary }),
    page('/study/bookmarks', 'work', { post: study.bookmark }),
    page('/study/notes', 'work', { post: study.note }),
    page('/study/read', 'work', { post: study.read }),
    page('/study/exams', 'work', { get: exams.index, post: exams.create }),
    page('/study/exams/:id', 'work', { get: exams.open }),
    page('/study/exams/:id/questions/:n', 'work', { get: exams.show, post: exams.act }),
    page('/study/exams/:id/finish', 'work', { get: exams.finish, post: exams.handIn }),
    page('/study/exams/:id/judge', 'work', { post: exams.judge }),
    page('/study/exams/:id/results', 'work', { get: exams.results }),
    page('/study/exams/:id/remove', 'work', { post: exams.remove }),
    page('/study/hands-on', 'work', { get: handsOn.index, post: handsOn.create }),
    page('/study/hands-on/:id', 'work', { get: handsOn.open }),
    page('/study/hands-on/:id/tasks/:n', 'work', { get: handsOn.show, post: handsOn.act }),
    page('/study/hands-on/:id/tasks/:n/draft', 'work', { post: handsOn.draft }),
    page('/study/hands-on/:id/tasks/:n/flag', 'work', { post: handsOn.flag }),
    page('/study/hands-on/:id/finish', 'work', { get: handsOn.finish, post: handsOn.handIn }),
    page('/study/hands-on/:id/judge', 'work', { post: handsOn.judge }),
    page('/study/hands-on/:id/results', 'work', { get: handsOn.results }),
    page('/study/hands-on/:id/remove', 'work', { post: handsOn.remove }),
    page('/study/interview', 'work', { get: interviews.index, post: interviews.create }),
    page('/study/interview/:id', 'work', { get: interviews.open }),
    page('/study/interview/:id/questions/:n', 'work', { get: interviews.show, post: interviews.act }),
    page('/study/interview/:id/summary', 'work', { get: interviews.summary }),
    page('/study/interview/:id/remove', 'work', { post: interviews.remove }),
    page('/progress', 'work', { get: progress.show }),
    page('/progress/verify', 'work', { post: progress.verify }),
    page('/progress/journal', 'work', { get: journalPage(deps) }),
    page('/progress/export', 'export', { get: data.export }),
    page('/progress/import', 'work', { get: data.importForm, post: data.importFile }),
    page('/progress/import/confirm', 'work', { post: data.importConfirm }),
    page('/progress/delete', 'delete-own-work', { get: data.removeForm, post: data.remove }),
    page('/account', 'account', { get: account.show, post: account.create }),
    page('/account/sign-in', 'account', { get: account.signInForm, post: account.signIn }),
    page('/account/links', 'account', { post: account.askLink }),
    page('/account/link', 'account', { get: account.link, post: account.useLink }),
    page('/account/before', 'account', { get: account.beforeForm, post: account.before }),
    page('/account/oidc', 'account', { get: outside.begin }),
    page('/account/oidc/return', 'account', { get: outside.back }),
    page('/account/oidc/connect', 'account', { get: outside.form, post: outside.connect }),
    page('/account/oidc/out', 'account', { get: outside.out }),
    page('/progress/xapi', 'export', { get: files.statements }),
    page('/qti', 'export-questions', { get: files.questions }),
    page('/qti/package', 'export-questions', { get: files.package }),
    page('/lti/enter', 'account', { get: lti.enter }),
    page('/lti/courses/:course', 'account', { get: ltiCoursePage(deps) }),
    page('/lti/pick', 'account', { get: lti.pick, post: lti.answer }),
    page('/account/sign-out', 'account', { post: account.signOut }),
    page('/account/passphrase', 'account', { post: account.passphrase }),
    page('/account/mail', 'account', { post: account.mail }),
    page('/account/delete', 'account', { get: account.removeForm, post: account.remove }),
    page('/settings/keys', 'work', { post: progress.keys }),
    page('/simulated', 'browse', { get: about.simulated }),
    page('/help', 'browse', { get: about.help }),
    page('/components', 'browse', { get: componentPages(deps).show }),
    page('/admin/audit', 'read-audit', { get: auditPage(deps) }),
    page('/admin/webhooks', 'manage-webhooks', { get: webhooks.index, post: webhooks.make }),
    page('/admin/webhooks/:id', 'manage-webhooks', { get: webhooks.show, post: webhooks.act }),
    page('/admin/roles', 'grant-roles', { get: roles.show, post: roles.change }),
    page('/workshops', 'work', { get: workshops.index }),
    page('/workshops/new', 'create-sitting', { post: workshops.create }),
    page('/workshops/plans/:plan', 'create-sitting', { get: readyMade.plan }),
    page('/workshops/:id/guide', 'see-wall', { get: readyMade.guide }),
    page('/workshops/:id/self-paced', 'create-sitting', { post: workshops.selfPaced }),
    page('/workshops/:id/remove', 'lead-sitting', { post: workshops.remove }),
    page('/workshops/:id/retention', 'lead-sitting', { post: retentionPage(deps) }),
    page('/workshops/:id/rehearsal', 'see-wall', { post: rehearsalPage(deps) }),
    page('/workshops/:id', 'lead-sitting', { get: workshops.plan, post: workshops.save }),
    page('/workshops/:id/act', 'see-wall', { post: workshops.act }),
    page('/j', 'browse', { get: joining.code, post: joining.find }),
    page('/j/:code', 'work', { get: joining.form, post: joining.join }),
    page('/w/:id', 'work', { get: room.show, post: room.act }),
    page('/w/:id/pace', 'work', { get: room.pace }),
    page('/w/:id/wall', 'see-wall', { get: wall.wall }),
    page('/w/:id/wall/live', 'see-wall', { get: wall.live }),
    page('/p/:token', 'browse', { get: projector.show }),
    page('/p/:token/live', 'browse', { get: projector.live }),
    page('/w/:id/seats/:seat', 'watch-cluster', { get: seat.show }),
    page('/w/:id/cluster', 'work', { post: answerPage(deps) }),
    page('/w/:id/seats/:seat/screen', 'run-room', { post: screenPage(deps) }),
    page('/w/:id/seats/:seat/fork', 'fork-cluster', { post: forkPage(deps) }),
    page('/w/:id/seats/:seat/live', 'watch-cluster', { get: seat.live }),
    page('/w/:id/seats/:seat/replay/:step', 'watch-cluster', { get: seatReplay.show }),
    page('/w/:id/seats/:seat/replay/:step/what-if', 'watch-cluster', { post: seatReplay.ask }),
    page('/w/:id/seats/:seat/replay/:step/fork', 'fork-cluster', { post: seatReplay.fork }),
    page('/w/:id/compare', 'watch-cluster', { get: comparing.show }),
    page('/w/:id/compare/show', 'run-room', { post: comparing.act }),
    page('/w/:id/compare/live', 'watch-cluster', { get: comparing.live }),
    page('/w/:id/chaos', 'see-wall', { get: chaos.show }),
    page('/w/:id/chaos', 'run-room', { post: chaos.act }),
    page('/w/:id/seats/:seat/typing', 'run-room', { post: typing.answer }),
    page('/w/:id/seats/:seat/desk/:step', 'type-in-cluster', { get: typing.show, post: typing.act }),
    page('/w/:id/seats/:seat/desk/:step/draft', 'type-in-cluster', { post: typing.draft }),
    page('/w/:id/rewind', 'run-room', { post: rewindPage(deps) }),
    page('/w/:id/chaos/live', 'see-wall', { get: chaos.live }),
    page('/w/:id/hints', 'run-room', { post: wall.hint }),
    page('/w/:id/polls/:step', 'work', { get: polls.show, post: polls.vote }),
    page('/w/:id/polls/:step/lead', 'run-room', { post: polls.lead }),
    page('/w/:id/polls/:step/live', 'see-wall', { get: polls.live }),
    page('/w/:id/hands', 'see-wall', { post: wall.hands }),
    page('/w/:id/leaders', 'see-wall', { get: leading.show, post: leading.change }),
    page('/w/:id/log', 'see-wall', { get: log.show, post: log.undo }),
    page('/w/:id/report', 'see-wall', { get: report.show }),
    page('/w/:id/report/:format', 'see-wall', { get: report.file }),
    page('/hiring', 'work', { get: jobs.index }),
    page('/hiring/jobs', 'create-job', { post: jobs.create }),
    page('/hiring/jobs/new', 'create-job', { get: jobs.form }),
    page('/hiring/jobs/:id', 'manage-job', { get: jobs.show, post: jobs.save }),
    page('/hiring/jobs/:id/reviewers', 'manage-job', { get: reviewers.show, post: reviewers.change }),
    page('/hiring/reviews', 'work', { get: reviewsPage(deps) }),
    page('/review/:token', 'work', { get: reviewers.invited, post: reviewers.accept }),
    page(exercises, 'manage-job', { post: exercise.create }),
    page(`${exercises}/:sitting`, 'manage-job', { get: exercise.show }),
    page(`${exercises}/:sitting/live`, 'manage-job', { get: liveCandidates(deps) }),
    page(`${exercises}/:sitting/edit`, 'manage-job', { get: exercise.form, post: exercise.save }),
    page(`${exercises}/:sitting/act`, 'manage-job', { post: exercise.act }),
    page(`${exercises}/:sitting/remove`, 'manage-job', { post: exercise.remove }),
    page(`${exercises}/:sitting/rehearsal`, 'manage-job', { post: exercise.rehearse }),
    page(`${exercises}/:sitting/invite`, 'manage-job', { get: invitations.form, post: invitations.invite }),
    page(`${exercises}/:sitting/regrade`, 'approve-check', { get: regrading.show, post: regrading.act }),
    page(`${exercises}/:sitting/candidates/:n/report`, 'see-report', { get: reportPage(deps) }),
    page(`${exercises}/:sitting/candidates/:n/replay/:challenge`, 'see-report', { get: candidateReplay.show }),
    page(`${exercises}/:sitting/candidates/:n/replay/:challenge/what-if`, 'see-report', { post: candidateReplay.ask }),
    page(`${exercises}/:sitting/candidates/:n/replay/:challenge/fork`, 'fork-cluster', { post: candidateReplay.fork }),
    page(`${exercises}/:sitting/candidates/:n/score`, 'see-scores', { get: score.show, post: score.act }),
    page(`${exercises}/:sitting/candidates/:n/receipt`, 'see-scores', { get: fullReceipt(deps) }),
    page(`${exercises}/:sitting/file`, 'manage-job', { post: exercise.file }),
    page(`${exercises}/:sitting/candidates/:n/time`, 'give-time', { post: exercise.time }),
    page(`${exercises}/:sitting/calibrate`, 'manage-job', { get: calibratePage(deps) }),
    page(`${exercises}/:sitting/fairness`, 'manage-job', { get: fairnessPage(deps) }),
    page(`${exercises}/:sitting/similarity`, 'see-scores', { get: similarity.show }),
    page(`${exercises}/:sitting/similarity/:challenge/:one/:other`, 'see-scores', { get: similarity.pair }),
    page(`${exercises}/:sitting/candidates/:n/erase`, 'manage-job', { post: exercise.erase }),
    page(`${exercises}/:sitting/candidates/:n/invitation`, 'manage-job', { post: invitations.again }),
    page('/c/:token', 'browse', { get: rules.show, post: rules.act }),
    page('/c/:token/practice', 'work', { get: rules.practice, post: rules.practise }),
    page('/c/:token/start', 'work', { post: rules.start }),
    page('/c/:token/work', 'work', { get: sat.show, post: sat.act }),
    page('/c/:token/work/live', 'work', { get: sat.live }),
    page('/c/:token/hand-in', 'work', { get: sat.handInForm, post: sat.handIn }),
    page('/c/:token/done', 'work', { get: sat.done }),
    page('/c/:token/groups', 'work', { post: sat.groups }),
    page('/c/:token/receipt', 'work', { get: sat.receipt }),
    page('/lead/:token', 'work', { get: leading.invited, post: leading.accept }),
  ]
}

/** Each page, closed to whom its action is not for; every other method of its path is answered with 405. */
export function routes(deps: AppDeps): Router {
  const router = Router({ caseSensitive: true })
  const lines = siteMap(deps)
  lines.forEach(({ path, action, get, post }, n) => {
    const route = router.route(path)
    if (get) route.get(allowed(action), get)
    if (post) route.post(allowed(action), post)
    if (lines[n + 1]?.path === path) return
    const there = lines.filter((line) => line.path === path)
    const [gets, posts] = [there.some((line) => line.get), there.some((line) => line.post)]
    route.all(allowOnly(...(gets ? ['GET', 'HEAD'] : []), ...(posts ? ['POST'] : [])))
  })
  return router
}
