// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text with control characters written out, so that a name from an image cannot steer a terminal.
    var printable: String {
        guard unicodeScalars.contains(where: String.isControl) else { return self }
        return unicodeScalars.reduce(into: "") { result, scalar in
            if String.isControl(scalar) {
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
