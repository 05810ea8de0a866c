/** ipvsadm: the virtual servers that kube-proxy made. Simplified: what it keeps in iptables and ipset beside them is not shown. Source: ipvsadm(8) */
import { printIpvs } from '../../network/proxy/ipvs.ts'
import type { NodeProgram } from '../machine.ts'

export const ipvsadm: NodeProgram = {
  path: '/usr/sbin/ipvsadm',
  make: (machine) =>
    function* (process) {
      yield* []
      const options = process.argv.slice(1).join('')
      if (options !== '' && !/^-{1,2}(?:L|l|list)/.test(process.argv[1])) {
        process.stderr.write('ipvsadm: podium shows virtual servers (-Ln) and changes none: kube-proxy makes them\n')
        return 2
      }
      const table = machine.rules()
      const rules = table.proxy.mode === 'ipvs' ? table.rules() : []
      process.stdout.write(printIpvs(table, rules, machine.engine.nowMs))
      return 0
    },
}
