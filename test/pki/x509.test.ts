import assert from 'node:assert/strict'
import test from 'node:test'
import { distrustOf } from '../../sim/pki/x509.ts'

// Made by openssl: an authority, another one of the same name, and three that the first one signed.
const hook = `-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIBAzAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDAp3ZWJob29r
IENBMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAPMQ0wCwYDVQQD
DARob29rMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHU2cJ88SAU1jqqewCcqI
VvmCiK8EpEq6zVEyZTDQM+nZUdw6c2O08yXgbJPBpF3x/vIkCGT0K9us85WsRB/a
faNqMGgwJgYDVR0RBB8wHYIQaG9vay5kZWZhdWx0LnN2Y4IJKi5zY24uc3ZjMB8G
A1UdIwQYMBaAFL6eGgluPVmagDCuyyjIxZRPOO5sMB0GA1UdDgQWBBS4eZrk6XGL
tSw7srmvzNw0/F8/0jAKBggqhkjOPQQDAgNJADBGAiEA96rRTf3HZSHUQrk52zkH
yL7tVjHn+WQIKRndNp5NRE8CIQDarjkZAsylRABdh5YIwaS4o65rJGJMzkizztkk
ouOiTw==
-----END CERTIFICATE-----
`
const legacy = `-----BEGIN CERTIFICATE-----
MIIBcDCCARagAwIBAgIBBDAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDAp3ZWJob29r
IENBMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAbMRkwFwYDVQQD
DBBob29rLmRlZmF1bHQuc3ZjMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERmpY
Dl0ZqJTG3H+neqWKCaXYHFfe2exS/jI5nBccn0imVhkjZP8kOEy7d3Us2EpX7Fjd
t3vJFruNKuJZ8h0AEKNPME0wCwYDVR0PBAQDAgeAMB8GA1UdIwQYMBaAFL6eGglu
PVmagDCuyyjIxZRPOO5sMB0GA1UdDgQWBBRK/TWoC6DYF0UVwcNncaT8qtWY4TAK
BggqhkjOPQQDAgNIADBFAiB6XDpTB9sj1cmMYEFI/7VmNZEpUh8bMzmOgVZPKkoU
3gIhAL36pvXWg2K1rVV7h4J8p3DzAZO8tJ8rDTi4xTt2uOL2
-----END CERTIFICATE-----
`
const short = `-----BEGIN CERTIFICATE-----
MIIBcTCCARigAwIBAgIBBTAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDAp3ZWJob29r
IENBMB4XDTIwMDEwMTAwMDAwMFoXDTI1MDYwMTAwMDAwMFowDzENMAsGA1UEAwwE
aG9vazBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJtQ68XT8H1cG2sGcvBUBoi3
S9W8M92jNR4OxYzit444Yz+aJP7tTwjd7BLhbpo0j1L+hGK08rkru5ThZSeQNbWj
XzBdMBsGA1UdEQQUMBKCEGhvb2suZGVmYXVsdC5zdmMwHwYDVR0jBBgwFoAUvp4a
CW49WZqAMK7LKMjFlE847mwwHQYDVR0OBBYEFBskGFTo5Fro7uyxkiAQp5PIHFJY
MAoGCCqGSM49BAMCA0cAMEQCIBgY57o3EckPnNfmluKayJg3LZ2YcH8DTWYXDoBP
RLfLAiA16HzA25yzEtrWjF7F5XwfUinZaZAeQimD7Tz0IQMI2w==
-----END CERTIFICATE-----
`
const ca = `-----BEGIN CERTIFICATE-----
MIIBTTCB86ADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCndlYmhvb2sg
Q0EwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBUxEzARBgNVBAMM
CndlYmhvb2sgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR91PojeMH6s1Md
inID+PctKrrXX9LYRO7pet4j6aYLiUkT+UDuV+nvz9tCENxPzgYSDueJ0eS7cXtg
5Kvy0LaGozIwMDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBS+nhoJbj1ZmoAw
rssoyMWUTzjubDAKBggqhkjOPQQDAgNJADBGAiEAglJiDDmigf1ELaxNXJkxDq4+
+tOMAdjvbT7pQa4hrsICIQCdAlQdsdHWapKxzxGZepdoidwMyjDPBFao9+ePl5n1
bA==
-----END CERTIFICATE-----
`
const other = `-----BEGIN CERTIFICATE-----
MIIBSzCB86ADAgECAgECMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCndlYmhvb2sg
Q0EwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBUxEzARBgNVBAMM
CndlYmhvb2sgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATUhtZc8vEmIiFb
JPJBCz6H1dR7biXdSrzzMYNf5g6c12P+si1Phv61uiEkGpzNODtSKj/zgPn1C7Lm
8ZbKKRq8ozIwMDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBSCFVXpu5tCAPcc
NEh6Gdt3mjj9dzAKBggqhkjOPQQDAgNHADBEAiAx+DkG+f/RGpPfpq5iKipwMJDe
T9fJHajM7UB9yKvvzwIgJz/vekTYs91hU7P/4zvyGFrOW7Zq+R2J/rgM0yMqh4o=
-----END CERTIFICATE-----
`

const UNKNOWN = 'x509: certificate signed by unknown authority'
const cases: readonly [string, string, string, string, string | undefined][] = [
  ['one of its names', hook, ca, 'hook.default.svc', undefined],
  ['a star for its first label', hook, ca, 'any.scn.svc', undefined],
  [
    'a star is one label',
    hook,
    ca,
    'a.b.scn.svc',
    'x509: certificate is valid for hook.default.svc, *.scn.svc, not a.b.scn.svc',
  ],
  ['no authority', hook, '', 'hook.default.svc', UNKNOWN],
  [
    'an authority of the same name',
    hook,
    other,
    'hook.default.svc',
    `${UNKNOWN} (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "webhook CA")`,
  ],
  [
    'a common name alone',
    legacy,
    ca,
    'hook.default.svc',
    'x509: certificate relies on legacy Common Name field, use SANs instead',
  ],
  [
    'one that is over',
    short,
    ca,
    'hook.default.svc',
    'x509: certificate has expired or is not yet valid: current time 2026-01-01T00:00:00Z is after 2025-06-01T00:00:00Z',
  ],
  ['no certificate', 'text', ca, 'hook.default.svc', 'x509: malformed certificate'],
]

for (const [name, pem, authorities, host, want] of cases)
  test(`trust in a certificate: ${name}`, () =>
    assert.equal(distrustOf(pem, { host, authorities, nowEpochMs: Date.UTC(2026, 0, 1) }), want))

test('a block that holds no base64 is no certificate', () => {
  const broken = '-----BEGIN CERTIFICATE-----\nA=A=\n-----END CERTIFICATE-----\n'
  const trust = { host: 'hook.default.svc', authorities: broken, nowEpochMs: Date.UTC(2026, 0, 1) }
  assert.equal(distrustOf(broken, trust), 'x509: malformed certificate')
  assert.equal(distrustOf(hook, trust), 'x509: certificate signed by unknown authority')
})
