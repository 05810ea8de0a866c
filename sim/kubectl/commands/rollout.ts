/** kubectl rollout. Source: k8s.io/kubectl/pkg/cmd/rollout and k8s.io/kubectl/pkg/polymorphichelpers */
import type { Command } from '../command.ts'
import { rolloutHistory } from './rollout/history.ts'
import { rolloutPause, rolloutRestart, rolloutResume } from './rollout/pause-resume-restart.ts'
import { rolloutStatus } from './rollout/status.ts'
import { rolloutUndo } from './rollout/undo.ts'

export const rollout: Command = {
  name: 'rollout',
  short: 'Manage the rollout of a resource',
  usage: 'SUBCOMMAND [options]',
  failsAlone: 'stdout',
  subcommands: [rolloutHistory, rolloutPause, rolloutRestart, rolloutResume, rolloutStatus, rolloutUndo],
}
