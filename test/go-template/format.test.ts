/** The numbers of Go's Printf: rounding and exponents are those of C's, which these were held against. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sprintf } from '../../sim/go-template/format.ts'

const told: readonly [string, number, string][] = [
  ['%g', 1e6, '1e+06'],
  ['%g', 0.00001, '1e-05'],
  ['%.4g', 12345.6, '1.235e+04'],
  ['%.4g', 1234.5, '1234'],
  ['%.4g', 1235.5, '1236'],
  ['%.4g', 0.5, '0.5'],
  ['%.4g', 100, '100'],
  ['%.4g', 0, '0'],
  ['%.4g', -0.000123456, '-0.0001235'],
  ['%.4g', 0.0000123456, '1.235e-05'],
  ['%.4g', 9999.96, '1e+04'],
  ['%.10g', 1234567.5, '1234567.5'],
  ['%.0g', 2.5, '2'],
  ['%.2f', 0.125, '0.12'],
  ['%.2f', 0.375, '0.38'],
  ['%.1f', 0.25, '0.2'],
  ['%.0f', 2.5, '2'],
  ['%.0f', 3.5, '4'],
  ['%.0f', -0.5, '-0'],
  ['%.2f', 1.005, '1.00'],
  ['%f', 1 / 3, '0.333333'],
  ['%.1e', 12.5, '1.2e+01'],
  ['%e', 123456.789, '1.234568e+05'],
  ['%E', 0.001, '1.000000E-03'],
  ['%.4G', 1e-7, '1E-07'],
  ['%8.3f|', 2.0625, '   2.062|'],
  ['%.100f', 0.5, `0.5${'0'.repeat(99)}`],
  ['%.3g', 1e300, '1e+300'],
  ['%.4g', Number.NaN, 'NaN'],
  ['%.4g', Number.POSITIVE_INFINITY, '+Inf'],
]
for (const [format, value, expected] of told)
  test(`${format} of ${value} is ${expected.slice(0, 20)}`, () => {
    assert.equal(sprintf(format, [value]), expected)
  })
