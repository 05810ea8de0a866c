import { createMemoryStore } from '../../../server/storage/memory.ts'
import { testBusContract } from './bus-contract.ts'
import { testStorageContract } from './contract.ts'
import { testIndexContract } from './index-contract.ts'
import { testJobsContract } from './jobs-contract.ts'
import { testLeasesContract } from './leases-contract.ts'
import { testStreamsContract } from './streams-contract.ts'

const open = async () => ({ store: createMemoryStore(), dispose: async () => {} })

testStorageContract('memory', open)
testStreamsContract('memory', open)
testJobsContract('memory', open)
testIndexContract('memory', open)
testBusContract('memory', open)
testLeasesContract('memory', open)
