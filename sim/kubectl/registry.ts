/** Every command: a line each. */
import type { Command } from './command.ts'
import { apply } from './commands/apply.ts'
import { attach } from './commands/attach.ts'
import { auth } from './commands/auth.ts'
import { autoscale } from './commands/autoscale.ts'
import { certificate } from './commands/certificate.ts'
import { completion } from './commands/completion.ts'
import { config } from './commands/config.ts'
import { cp } from './commands/cp.ts'
import { create } from './commands/create.ts'
import { debug } from './commands/debug.ts'
import { deleteCommand } from './commands/delete.ts'
import { describe } from './commands/describe.ts'
import { diff } from './commands/diff.ts'
import { drain } from './commands/drain.ts'
import { edit } from './commands/edit.ts'
import { events } from './commands/events.ts'
import { exec } from './commands/exec.ts'
import { explain } from './commands/explain.ts'
import { expose } from './commands/expose.ts'
import { get } from './commands/get.ts'
import { apiResources, apiVersions, clusterInfo, version } from './commands/information.ts'
import { kustomize } from './commands/kustomize.ts'
import { annotate, label } from './commands/label.ts'
import { logs } from './commands/logs.ts'
import { cordon, uncordon } from './commands/nodes.ts'
import { options } from './commands/options.ts'
import { patch } from './commands/patch.ts'
import { alpha, plugin } from './commands/plugin.ts'
import { podium } from './commands/podium.ts'
import { portForward } from './commands/port-forward.ts'
import { proxy } from './commands/proxy.ts'
import { replace } from './commands/replace.ts'
import { rollout } from './commands/rollout.ts'
import { run } from './commands/run.ts'
import { scale } from './commands/scale.ts'
import { set } from './commands/set.ts'
import { taint } from './commands/taint.ts'
import { top } from './commands/top.ts'
import { wait } from './commands/wait.ts'

export const commands: readonly Command[] = [
  alpha,
  annotate,
  apiResources,
  apiVersions,
  apply,
  attach,
  auth,
  autoscale,
  certificate,
  clusterInfo,
  completion,
  config,
  cordon,
  cp,
  create,
  debug,
  deleteCommand,
  describe,
  diff,
  drain,
  events,
  exec,
  explain,
  expose,
  get,
  kustomize,
  label,
  logs,
  options,
  patch,
  plugin,
  podium,
  portForward,
  proxy,
  replace,
  rollout,
  run,
  scale,
  set,
  taint,
  top,
  uncordon,
  version,
  wait,
  edit,
]
