/** kubelet as a command: which release is installed. The one that runs is the system's to start. */
import type { NodeProgram } from '../machine.ts'
import { releaseOfProgram } from '../packages/database.ts'

export const kubelet: NodeProgram = {
  path: '/usr/bin/kubelet',
  make: () =>
    function* ({ argv, files, stdout, stderr }) {
      yield* []
      if (argv.includes('--version')) {
        stdout.write(`Kubernetes ${releaseOfProgram(files, '/usr/bin/kubelet') ?? 'of no release'}\n`)
        return 0
      }
      stderr.write('podium: the kubelet of this node is a service: systemctl status kubelet\n')
      return 1
    },
}
