/** Flags of Prometheus and Alertmanager, read as kingpin reads them. Sources: `prometheus --help`, `alertmanager --help` */
import type { Process } from '../../runtime/process.ts'
import { type FlagNames, type FlagStyle, type ReadFlags, readFlags } from '../../text/go-flags.ts'

const words = (text: string): string[] => text.trim().split(/\s+/)

const kingpin: FlagStyle = {
  unknown: (name) => `unknown long flag '--${name}'`,
  invalid: (name, value) => `invalid value ${JSON.stringify(value)} for flag '--${name}'`,
  missing: (name) => `expected argument for flag '--${name}'`,
}

const known = {
  prometheus: {
    bool: words(`web.enable-lifecycle web.enable-admin-api web.enable-remote-write-receiver web.enable-otlp-receiver agent storage.tsdb.wal-compression
      storage.tsdb.no-lockfile auto-gomaxprocs auto-gomemlimit version help help-long`),
    text: words(`config.file config.auto-reload-interval web.listen-address web.config.file web.read-timeout web.max-connections web.external-url
      web.route-prefix web.user-assets web.console.templates web.console.libraries web.page-title web.cors.origin storage.tsdb.path
      storage.tsdb.retention storage.tsdb.retention.time storage.tsdb.retention.size storage.tsdb.min-block-duration storage.tsdb.max-block-duration
      storage.tsdb.wal-compression-type storage.agent.path storage.remote.flush-deadline storage.remote.read-sample-limit
      rules.alert.for-outage-tolerance rules.alert.for-grace-period rules.alert.resend-delay rules.max-concurrent-evals
      alertmanager.notification-queue-capacity alertmanager.drain-notification-queue-on-shutdown query.lookback-delta query.timeout
      query.max-concurrency query.max-samples auto-gomemlimit.ratio scrape.adjust-timestamps scrape.timestamp-tolerance enable-feature log.level
      log.format`),
  },
  alertmanager: {
    bool: words(
      'web.systemd-socket cluster.allow-insecure-public-advertise-address-discovery auto-gomaxprocs version help help-long',
    ),
    text: words(`config.file storage.path data.retention data.maintenance-interval silences.max-silences silences.max-silence-size-bytes
      alerts.gc-interval web.listen-address web.config.file web.external-url web.route-prefix web.get-concurrency web.timeout auto-gomemlimit.ratio
      cluster.listen-address cluster.advertise-address cluster.peer cluster.peer-timeout cluster.gossip-interval cluster.pushpull-interval
      cluster.tcp-timeout cluster.probe-timeout cluster.probe-interval cluster.settle-timeout cluster.reconnect-interval cluster.reconnect-timeout
      cluster.tls-config cluster.label enable-feature log.level log.format`),
  },
} satisfies Readonly<Record<string, FlagNames>>

/** Those of a process, or the first word that is wrong. `--no-NAME` takes a flag back. */
export function flagsOf(program: keyof typeof known, { argv }: Process): ReadFlags {
  const given = argv.slice(1).map((word) => word.replace(/^--no-(?=[a-z])([^=]+)$/, '--$1=false'))
  const read = readFlags(given, known[program], kingpin)
  if ('error' in read || read.positional.length === 0) return read
  return { error: `unexpected ${read.positional[0]}` }
}
