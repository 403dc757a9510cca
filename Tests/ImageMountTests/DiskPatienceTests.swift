// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ImageMount

@Suite struct DiskPatienceTests {
    private func trials(_ patience: DiskPatience, until limit: Int = 100_000) -> Int {
        (1...limit).first { _ in patience.mayWait(for: 4096) } ?? limit
    }

    @Test func aQuickDiskIsWaitedFor() {
        let patience = DiskPatience()
        for _ in 0..<1000 {
            #expect(patience.mayWait(for: 4096))
            patience.waited(nanoseconds: 100_000)
        }
    }

    @Test func oneSlowReadAmongManyIsForgiven() {
        let patience = DiskPatience()
        for number in 1...1000 {
            #expect(patience.mayWait(for: 4096))
            patience.waited(nanoseconds: number % 20 == 0 ? 3 * DiskPatience.longest : 100_000)
        }
    }

    @Test func largeReadsGoToTheWorkers() {
        let patience = DiskPatience()
        #expect(!patience.mayWait(for: DiskPatience.largest))
        #expect(patience.mayWait(for: DiskPatience.largest - 1))
    }

    @Test func aSlowDiskIsTriedSeldomAndSeldomer() {
        let patience = DiskPatience()
        #expect(patience.mayWait(for: 4096))
        patience.waited(nanoseconds: 10 * DiskPatience.longest)
        #expect(trials(patience) == DiskPatience.rest.lowerBound + 1)
        patience.waited(nanoseconds: 10 * DiskPatience.longest)
        #expect(trials(patience) == DiskPatience.rest.lowerBound * 2 + 1)
        for _ in 0..<20 { patience.waited(nanoseconds: .max) }
        #expect(trials(patience) == DiskPatience.rest.upperBound + 1)
    }
}
