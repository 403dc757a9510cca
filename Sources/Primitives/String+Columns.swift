// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text at the right of so many columns, with `filler` before it; longer text as it is.
    package func atRight(of columns: Int, filledWith filler: Character = " ") -> String {
        String(repeating: filler, count: Swift.max(0, columns - count)) + self
    }

    /// The text at the left of so many columns, with spaces behind it; longer text as it is.
    package func atLeft(of columns: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, columns - count))
    }
}
