/** The test kit in workerd: the tests of `test/testing`, as they run elsewhere. */
import '../testing/message-reader.test.ts'
import '../testing/network.test.ts'
import '../testing/uses.test.ts'
import '../testing/wire-cases.test.ts'
import '../testing/wire.test.ts'
