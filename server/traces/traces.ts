/**
 * Spans of requests and of the runs of simulated clusters that they ask for, sent as OpenTelemetry's protocol has it (OTLP over HTTP). A span
 * names the pattern of a route, never a path, an address, an account or what was sent. Loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { RequestHandler } from 'express'
import { buildId } from '../build-id.ts'
import { aroundRuns } from '../labs/around-runs.ts'
import { outcomeOf } from '../labs/outcome.ts'
import type { Labs } from '../labs/types.ts'
import { liveKind } from '../live-response.ts'
import { currentRequestId } from '../request-id.ts'
import { methodOf, pathOf, routeOf } from '../request-route.ts'

export interface Traces {
  /** For each request that has its id. */
  request: RequestHandler
  /** The same labs, whose runs are spans: of the request that asks, or of nobody's, as owed gradings are. */
  traced<L extends Labs>(labs: L): L
  /** Sends what is left, if it can be sent soon. */
  close(): Promise<void>
}

export interface TracesOptions {
  /** Of the collector: `/v1/traces` is added. */
  endpoint: string
  service: string
  /** Of the requests, from 0 to 1. */
  share: number
  /** A proxy that is trusted may say of which trace a request is a part. */
  trustsProxy: boolean
  /** The collector does not take them: told once until it takes some again. */
  onProblem(message: string): void
}

/** Asked by machines, all the time. */
const unseen = /^\/(?:static\/|healthz|readyz)/
/** A collector that is away takes no longer from the end of the process. */
const mostClosingMs = 2000
const sendAfterMs = 2000

export function createTraces({ endpoint, service, share, trustsProxy, onProblem }: TracesOptions): Traces {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': buildId ?? 'sources' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: exporterTo(endpoint, onProblem), scheduledDelayMillis: sendAfterMs }),
    ],
  })
  const tracer = provider.getTracer('podium')
  const incoming = new W3CTraceContextPropagator()
  /** Of the requests under way, by their ids: the id goes wherever the request's work goes. */
  const open = new Map<string, Context>()
  return {
    request(req, res, next) {
      const id = currentRequestId()
      if (id === undefined || open.has(id) || unseen.test(pathOf(req))) return next()
      const parent = trustsProxy ? incoming.extract(ROOT_CONTEXT, req.headers, defaultTextMapGetter) : ROOT_CONTEXT
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, parent)
      open.set(id, trace.setSpan(parent, span))
      res.once('close', () => {
        open.delete(id)
        const [method, route] = [methodOf(req) ?? '_OTHER', routeOf(req)]
        span.updateName(route === 'none' ? method : `${method} ${route}`)
        span.setAttributes({ 'http.request.method': method, 'http.route': route, 'podium.request.id': id })
        const live = liveKind(res)
        if (live) span.setAttribute('podium.stream', live)
        if (res.headersSent) span.setAttribute('http.response.status_code', res.statusCode)
        // A mistake of ours, or nobody had time.
        if (res.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      })
      next()
    },
    traced: (labs) => tracedLabs(labs, tracer, () => open.get(currentRequestId() ?? '') ?? ROOT_CONTEXT),
    async close() {
      await Promise.race([provider.shutdown().catch(() => undefined), sleep(mostClosingMs, undefined, { ref: false })])
    },
  }
}

function tracedLabs<L extends Labs>(labs: L, tracer: Tracer, parent: () => Context): L {
  return aroundRuns(labs, async (kind, run) => {
    const span = tracer.startSpan(`simulation ${kind}`, { attributes: { 'podium.simulation': kind } }, parent())
    try {
      const answer = await run()
      span.setAttribute('podium.outcome', 'done')
      return answer
    } catch (error) {
      failed(span, outcomeOf(error))
      throw error
    } finally {
      span.end()
    }
  })
}

function failed(span: Span, outcome: ReturnType<typeof outcomeOf>): void {
  span.setAttribute('podium.outcome', outcome)
  // A limit that holds is no error.
  if (outcome === 'failed' || outcome === 'timeout') span.setStatus({ code: SpanStatusCode.ERROR })
}

/** What cannot be sent is dropped: nothing waits for a collector. */
function exporterTo(endpoint: string, onProblem: (message: string) => void): SpanExporter {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: 5000 })
  let isAway = false
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const { error } = result
        if (error && !isAway) onProblem(`traces cannot be sent to ${endpoint} and are dropped: ${error.message}`)
        isAway = error !== undefined
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush(),
  }
}
