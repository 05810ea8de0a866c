/** Lines on nodes: systemd, crictl, kubeadm, openssl, etcd, files of the kubelet and of static Pods, packages, firewalls. */
import { repeated, type Step } from './input.ts'
import { quoted } from './line-grammar.ts'
import type { Draw } from './random.ts'
import { aMinute } from './steps.ts'
import { cidrs, durations, names, quantities, regexes, strings } from './values.ts'

type Drawn = { about: string; steps: Step[] }

const etcd =
  'etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key'
const plain = [...strings, ...names].filter((text) => !/[\n']/.test(text))

function drawScript(draw: Draw): string {
  const text = () => quoted(draw.oneOf(plain)).replaceAll("'", '"')
  const regex = () => quoted(draw.oneOf(regexes)).replaceAll("'", '"')
  const number = () => draw.oneOf(['0', '-1', '1', '2147483648', '99999999999999999999', '1e9', 'x'])
  const many = () => draw.oneOf(['100', '3000', '100000'])
  const file = () =>
    draw.oneOf([
      ...['/etc/kubernetes/manifests/kube-apiserver.yaml', '/etc/kubernetes/manifests/etcd.yaml'],
      ...['/var/lib/kubelet/config.yaml', '/etc/kubernetes/kubelet.conf', '/etc/kubernetes/admin.conf'],
      ...['/etc/kubernetes/pki/ca.crt', '/usr/lib/systemd/system/kubelet.service', '/proc/self/mem', '/'],
    ])
  const unit = () =>
    draw.oneOf(['kubelet', 'containerd', 'x', '"*"', text(), repeated(500, 'kubelet', ' '), '../../etc/passwd'])
  return draw.weighted<() => string>([
    [2, () => `systemctl ${draw.oneOf(['restart', 'stop', 'start', 'status', 'cat', 'show', 'mask'])} ${unit()}`],
    [1, () => `i=0; while [ $i -lt ${many()} ]; do systemctl restart kubelet; i=$((i+1)); done`],
    [
      2,
      () =>
        `journalctl -u ${unit()} ${draw.oneOf([`-n ${number()}`, `--since ${text()}`, `-g ${regex()}`, '-o json', '--no-pager -r'])}`,
    ],
    [
      2,
      () =>
        `printf "[Service]\\n${repeated(1000, 'Environment=A#=b', '\\n')}\\nExecStart=${draw.oneOf(['', '/bin/x', repeated(300, '$A ')])}\\n" > /usr/lib/systemd/system/kubelet.service.d/x.conf; systemctl daemon-reload; systemctl restart kubelet`,
    ],
    [
      2,
      () =>
        `crictl ${draw.oneOf(['ps -a', 'pods', 'images', 'stats', 'inspect', 'logs', 'stop', 'rm', 'rmp -f', 'pull', 'exec'])} ${draw.oneOf([text(), '$(crictl ps -aq)', '$(crictl ps -q | head -1)', `--name ${regex()}`, `--label ${text()}`, `--last ${number()}`])}`,
    ],
    [
      2,
      () =>
        `kubeadm ${draw.oneOf([
          ...['upgrade plan', 'upgrade apply v1.36.2 -y', `upgrade apply ${text()} -y`, 'upgrade node', 'reset -f'],
          ...[`token create ${text()}`, `token create --ttl ${quoted(draw.oneOf(durations)).replaceAll("'", '"')}`],
          ...[
            'certs renew all',
            'certs check-expiration',
            `init phase certs all --apiserver-cert-extra-sans ${text()}`,
          ],
          `init phase kubeconfig all --node-name ${text()}`,
          `init phase control-plane all --pod-network-cidr ${quoted(draw.oneOf(cidrs)).replaceAll("'", '"')}`,
          `join 172.18.0.2:6443 --token ${text()} --discovery-token-ca-cert-hash sha256:${repeated(64, '0')}`,
          `config images list --config ${file()}`,
          `kubeconfig user --client-name ${text()} --org ${text()} --validity-period ${number()}h`,
          repeated(800, '-x', ' '),
        ])}`,
    ],
    [
      1,
      () => `for i in $(seq ${draw.oneOf(['30', '300'])}); do kubeadm token create --ttl 1s; done; kubeadm token list`,
    ],
    [
      2,
      () =>
        `openssl ${draw.oneOf([
          ...[`x509 -in ${file()} -noout -text`, `genrsa ${draw.oneOf(['512', '2048', '16384', '1000000', '-1'])}`],
          ...[
            `req -new -key /etc/kubernetes/pki/ca.key -subj ${text()} -days ${number()}`,
            `enc -base64 -in ${file()}`,
          ],
          ...[`x509 -req -in ${file()} -CA ${file()} -CAkey ${file()} -days ${number()}`, `rand -hex ${number()}`],
          ...[`dgst -sha512 ${file()}`, `s_client -connect localhost:6443`, `verify -CAfile ${file()} ${file()}`],
        ])}`,
    ],
    [
      4,
      () =>
        `${etcd} ${draw.oneOf([
          ...[`put ${text()} ${text()}`, `get ${text()} --prefix --limit=${number()}`, 'get "" --prefix -w json'],
          ...[
            `get a --rev=${number()}`,
            `del "" --prefix`,
            `compact ${number()}`,
            'defrag',
            'endpoint status -w table',
          ],
          ...[`lease grant ${number()}`, `lease revoke ${text()}`, 'lease list', `watch ${text()} --rev=1`],
          ...[`member add ${text()} --peer-urls=${text()}`, `member remove ${text()}`, 'move-leader x', 'alarm disarm'],
          ...[`snapshot save ${file()}`, `snapshot status ${file()}`, `check perf`, `user add ${text()}:x`],
          ...[`get a ${text()} --sort-by=VALUE --order=DESCEND --from-key`, `txn < ${file()}`],
        ])}`,
    ],
    [1, () => `yes filler | head -c 1400000 > /root/f; for i in $(seq ${many()}); do ${etcd} put k$i < /root/f; done`],
    [1, () => `for i in $(seq ${many()}); do ${etcd} put k$i v > /dev/null; done; ${etcd} get k --prefix --keys-only`],
    [1, () => `printf "${repeated(1000, 'put a b', '\\n')}\\n\\n\\n\\n" | ${etcd} txn`],
    [1, () => `etcdutl snapshot restore ${file()} --data-dir ${file()} --name ${text()}`],
    [
      3,
      () =>
        `sed -i ${draw.oneOf([`"s#--#${repeated(300, '--a=b ')}#g"`, `"s/${draw.oneOf(regexes).replace(/["'/\n]/g, '')}/x/g"`, '"/- --/d"', '"s/image:.*/image: x/"', `"1i ${repeated(800, '[')}"`, `"$ a ${repeated(500, 'a: *a ')}"`])} ${file()}`,
    ],
    [
      2,
      () =>
        `for i in $(seq ${draw.oneOf(['50', '1000', '20000'])}); do printf "apiVersion: v1\\nkind: Pod\\nmetadata: {name: s$i}\\nspec: {containers: [{name: c, image: busybox, command: [sleep, ${quoted(draw.oneOf(quantities)).replaceAll("'", '')}]}]}\\n" > /etc/kubernetes/manifests/s$i.yaml; done`,
    ],
    [1, () => `head -c ${many()}0 /dev/zero | tr "\\0" "[" > /etc/kubernetes/manifests/x.yaml`],
    [1, () => `ln -s /etc/kubernetes/manifests /etc/kubernetes/manifests/self; ls -R /etc/kubernetes | wc -l`],
    [1, () => `echo ${text()} > ${file()}; systemctl restart kubelet`],
    [
      1,
      () => `rm -rf ${draw.oneOf(['/', '/etc', '/var/lib/kubelet', '/var/lib/etcd', '/etc/kubernetes/manifests/*'])}`,
    ],
    [
      1,
      () =>
        `apt-get ${draw.oneOf(['update', 'install -y', 'remove -y'])} ${draw.oneOf([text(), 'kubeadm="*"', repeated(600, 'kubelet=1.36.2-1.1', ' ')])}`,
    ],
    [1, () => `dpkg -l ${regex()}; apt-cache madison ${text()}; apt-mark hold ${repeated(500, 'a#', ' ')}`],
    [
      1,
      () =>
        `iptables-save | grep ${regex()} | wc -l; iptables -t nat -L ${text()} -n; nft list ruleset | wc -c; ipvsadm -Ln`,
    ],
    [
      1,
      () =>
        `ip ${draw.oneOf(['addr', 'route', 'link', `addr add ${text()} dev eth0`])}; ss -tlnp; ps aux; top -b -n ${number()}`,
    ],
    [
      1,
      () =>
        `curl -sk https://127.0.0.1:${draw.oneOf(['6443', '10250', '10259', '2379', '99999'])}/${repeated(1000, 'a/')}`,
    ],
    [1, () => `kubectl --kubeconfig ${file()} get ${text()} -A; kubectl --kubeconfig ${file()} apply -f ${file()}`],
    [
      1,
      () =>
        draw.oneOf([
          'reboot',
          'shutdown -h now',
          'shutdown -r +99999999999',
          'poweroff',
          'sudo -i sudo sudo sh -c reboot',
        ]),
    ],
  ])()
}

export function drawNode(draw: Draw): Drawn {
  const node = draw.weighted([
    [3, 'control-plane'],
    [1, 'node-1'],
    [1, 'none'],
  ] as const)
  const script = drawScript(draw)
  return {
    about: `on ${node}: ${script.slice(0, 80)}`,
    steps: [{ do: 'terminal', line: `ssh ${node} '${script}'` }, ...(draw.chance(0.5) ? [aMinute] : [])],
  }
}
