// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

public import Fscache
import Primitives

// What is shown of a blob.
extension Blob {
    /// The state of the blob's cookie.
    public var cookieState: CookieState {
        switch state.withLock({ $0.wholeCheck }) {
        case .waiting, .running: .active
        case .secondChance: .invalidating
        case .condemned: .failed
        }
    }

    /// Fetches under way.
    public var fetchesUnderWay: Int { state.withLock { $0.flights.flights.count } }
}
