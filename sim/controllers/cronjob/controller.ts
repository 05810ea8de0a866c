/** Makes a Job of each CronJob whenever its schedule says so. Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ */
import { isTimeZone, parseSchedule, type Schedule } from '../../api/batch/cron-job/schedule.ts'
import { cronJobs } from '../../api/batch/cron-job.ts'
import { finishedCondition } from '../../api/batch/job/conditions.ts'
import { jobs } from '../../api/batch/job.ts'
import type { CronJob, Job } from '../../api/batch/types.ts'
import { controllerOf, keyOf, keyText, parseKeyText } from '../../api/meta/object.ts'
import { StatusError } from '../../api/meta/status-error.ts'
import type { ComponentContext, ControllerSpec, RunningComponent } from '../../client/machinery.ts'
import { timestampOf } from '../../engine/engine.ts'
import { createListening } from '../handlers.ts'
import { findController, indexByController, ownedBy } from '../ownership.ts'
import { isNamespaceTerminating } from '../pod-control.ts'
import { dueRun, jobName, newJob, planHistory, untilNextRunMs } from './plan.ts'

export const cronJobController: ControllerSpec = {
  name: 'cronjob-controller',
  serviceAccount: 'cronjob-controller',
  watches: [cronJobs, jobs],
  start: startCronJobController,
}

type Active = NonNullable<CronJob['status']['active']>

function startCronJobController({
  engine,
  client,
  informers,
  recorder,
  queue: createQueue,
}: ComponentContext): RunningComponent {
  const cronJobInformer = informers.informer(cronJobs)
  const jobInformer = informers.informer(jobs)
  indexByController(jobInformer)
  const events = recorder('cronjob-controller')
  const queue = createQueue({ name: 'cronjob', workers: 5, reconcile })
  const enqueue = (cronJob: CronJob): void => queue.add(keyText(keyOf(cronJob)))
  /** By what they were read from: there are few, and each is asked often. */
  const schedules = new Map<string, Schedule>()

  function reconcile(key: string): void {
    const cached = cronJobInformer.get(parseKeyText(key))
    if (!cached) return
    const children = ownedBy(jobInformer, cached.metadata.uid)
    let current = noteFinished(removeHistory(cached, children), children)
    let failure: StatusError | undefined
    try {
      if (current.metadata.deletionTimestamp === undefined) current = run(key, current)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      failure = error
    }
    if (current !== cached) client.updateStatus(cronJobs, current)
    if (failure && !isNamespaceTerminating(failure)) throw failure
  }

  /** Jobs beyond the limits go first: their end is not told any more. */
  function removeHistory(cronJob: CronJob, children: readonly Job[]): CronJob {
    let current = cronJob
    for (const job of planHistory(cronJob, children)) {
      if (job.metadata.deletionTimestamp !== undefined || deleteJob(cronJob, job)) continue
      if (isActive(current, job)) current = withoutActive(current, job.metadata.uid)
    }
    return current
  }

  /** Takes Jobs that ended, or are gone, off the list of active ones. */
  function noteFinished(cronJob: CronJob, children: readonly Job[]): CronJob {
    let current = cronJob
    for (const job of children) {
      const finished = finishedCondition(job.status)
      const isListed = isActive(current, job)
      if (!finished) {
        if (isListed) continue
        const fresh = client.get(cronJobs, keyOf(cronJob))
        if (isActive(fresh, job)) {
          current = fresh
          continue
        }
        const message = `Saw a job that the controller did not create or forgot: ${job.metadata.name}`
        events.event(current, 'Warning', 'UnexpectedJob', message)
        continue
      }
      if (isListed) {
        current = withoutActive(current, job.metadata.uid)
        const message = `Saw completed job: ${job.metadata.name}, condition: ${finished.type}`
        events.event(current, 'Normal', 'SawCompletedJob', message)
      }
      const { completionTime } = job.status
      if (finished.type === 'Complete' && completionTime && completionTime > (current.status.lastSuccessfulTime ?? ''))
        current = { ...current, status: { ...current.status, lastSuccessfulTime: completionTime } }
    }
    for (const { uid, name, namespace } of current.status.active ?? []) {
      if (children.some(({ metadata }) => metadata.uid === uid)) continue
      if (client.find(jobs, { namespace: namespace!, name: name! })) continue
      events.event(current, 'Normal', 'MissingJob', `Active job went missing: ${name}`)
      current = withoutActive(current, uid!)
    }
    return current
  }

  /** The schedule, or why it can't be read. */
  function readSchedule({ spec }: CronJob): Schedule | string {
    const text = `${spec.timeZone ?? ''} ${spec.schedule}`
    try {
      const schedule = schedules.get(text) ?? parseSchedule(spec.schedule, spec.timeZone)
      schedules.set(text, schedule)
      return schedule
    } catch (error) {
      return (error as Error).message
    }
  }

  /** Makes the Job that is due, unless something speaks against it, and comes back for the next. */
  function run(key: string, cronJob: CronJob): CronJob {
    const { spec, status } = cronJob
    const refuse = (reason: string, message: string): CronJob => {
      events.event(cronJob, 'Warning', reason, message)
      return cronJob
    }
    if (spec.timeZone !== undefined && !isTimeZone(spec.timeZone))
      return refuse('UnknownTimeZone', `invalid timeZone: "${spec.timeZone}": unknown time zone ${spec.timeZone}`)
    if (spec.suspend) return cronJob
    const schedule = readSchedule(cronJob)
    if (typeof schedule === 'string')
      return refuse('UnparseableSchedule', `unparseable schedule: "${spec.schedule}" : ${schedule}`)
    const nowMs = engine.epochMs
    const comeBack = (state: CronJob): CronJob => {
      queue.addAfter(key, untilNextRunMs(state, schedule, nowMs))
      return state
    }
    let due: ReturnType<typeof dueRun>
    try {
      due = dueRun(cronJob, schedule, nowMs)
    } catch (error) {
      return refuse('InvalidSchedule', `invalid schedule: ${spec.schedule} : ${(error as Error).message}`)
    }
    if (!due) return comeBack(cronJob)
    if (due.hasMissedMany)
      refuse(
        'TooManyMissedTimes',
        'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
      )
    const { dueMs } = due
    if (spec.startingDeadlineSeconds !== undefined && dueMs + spec.startingDeadlineSeconds * 1000 < nowMs) {
      refuse('MissSchedule', `Missed scheduled time to start a job: ${printRfc1123(dueMs)}`)
      return comeBack(cronJob)
    }
    const isStarted =
      status.active?.some(({ name }) => name === jobName(cronJob, dueMs)) ||
      status.lastScheduleTime === timestampOf(dueMs)
    if (isStarted) return comeBack(cronJob)
    if (spec.concurrencyPolicy === 'Forbid' && (status.active?.length ?? 0) > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid'
      events.event(cronJob, 'Normal', 'JobAlreadyActive', message)
      return comeBack(cronJob)
    }
    const cleared = spec.concurrencyPolicy === 'Replace' ? removeActive(cronJob) : cronJob
    const job = startJob(cleared, dueMs)
    if (!job) return cleared
    const { apiVersion, kind, metadata } = job
    const { name, namespace, uid, resourceVersion } = metadata
    const active = [...(cleared.status.active ?? []), { apiVersion, kind, name, namespace, resourceVersion, uid }]
    const started = withActive(cleared, active)
    return comeBack({ ...started, status: { ...started.status, lastScheduleTime: timestampOf(dueMs) } })
  }

  /** Undefined when somebody else's Job has the name, or it is on the list already. */
  function startJob(cronJob: CronJob, dueMs: number): Job | undefined {
    try {
      const job = client.create(jobs, newJob(cronJob, dueMs))
      events.event(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`)
      return job
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (error.reason === 'AlreadyExists') {
        const key = { namespace: cronJob.metadata.namespace!, name: jobName(cronJob, dueMs) }
        const existing = client.get(jobs, key)
        const isListed = cronJob.status.active?.some(({ uid }) => uid === existing.metadata.uid)
        return controllerOf(existing)?.uid === cronJob.metadata.uid && !isListed ? existing : undefined
      }
      if (!isNamespaceTerminating(error))
        events.event(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${error.message}`)
      throw error
    }
  }

  /** Replace: those that still run make way. */
  function removeActive(cronJob: CronJob): CronJob {
    let current = cronJob
    for (const { namespace, name } of cronJob.status.active ?? []) {
      const job = client.find(jobs, { namespace: namespace!, name: name! })
      if (!job) continue
      const refusal = deleteJob(cronJob, job)
      if (refusal) throw refusal
      current = withoutActive(current, job.metadata.uid)
    }
    return current
  }

  /** @returns why it could not be deleted; undefined when it is gone */
  function deleteJob(cronJob: CronJob, job: Job): StatusError | undefined {
    try {
      client.delete(jobs, keyOf(job), { propagationPolicy: 'Background' })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      events.event(cronJob, 'Warning', 'FailedDelete', `Deleted job: ${error.message}`)
      return error
    }
    events.event(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`)
    return undefined
  }

  const enqueueOwner = (job: Job): void => {
    const cronJob = findController(job, cronJobs, cronJobInformer)
    if (cronJob) enqueue(cronJob)
  }

  const listening = createListening(() => queue.stop())
  listening.on(cronJobInformer, {
    onAdd: enqueue,
    onUpdate(cronJob, old) {
      const { spec } = cronJob
      const isRescheduled = spec.schedule !== old.spec.schedule || spec.timeZone !== old.spec.timeZone
      const schedule = isRescheduled ? readSchedule(cronJob) : undefined
      // A new schedule begins with its next run: what it would have had in the past is not missed.
      if (schedule !== undefined && typeof schedule !== 'string')
        queue.addAfter(keyText(keyOf(cronJob)), untilNextRunMs(cronJob, schedule, engine.epochMs))
      else enqueue(cronJob)
    },
  })
  listening.on(jobInformer, {
    onAdd: enqueueOwner,
    onUpdate: enqueueOwner,
    onDelete: enqueueOwner,
  })
  return listening
}

function withActive(cronJob: CronJob, active: Active): CronJob {
  const { active: _, ...status } = cronJob.status
  return { ...cronJob, status: active.length > 0 ? { active, ...status } : status }
}

const isActive = ({ status }: CronJob, job: Job): boolean =>
  status.active?.some(({ uid }) => uid === job.metadata.uid) ?? false

const withoutActive = (cronJob: CronJob, uid: string): CronJob =>
  withActive(
    cronJob,
    (cronJob.status.active ?? []).filter((one) => one.uid !== uid),
  )

/** `Fri, 20 Nov 2026 08:09:00 +0000` */
const printRfc1123 = (epochMs: number): string => new Date(epochMs).toUTCString().replace('GMT', '+0000')
