// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import ImageReader

/// Programs and libraries, which are wanted whole soon after their first bytes.
///
/// The kernel maps them and faults their pages in one after the other, all over the file; each fault would be a round trip.
enum ProgramFile {
    /// Bytes of the largest file that is fetched because it is a program.
    static let largest: UInt64 = 16 << 20

    /// Whether a reply is the start of an ELF file (`e_ident` of the System V ABI).
    static func begins(in reply: ReplyBuffer, _ question: Question) -> Bool {
        guard question.opcode.isRead, question.offset == 0, reply.count >= 4 else { return false }
        return reply.payload[..<4].elementsEqual([0x7F, UInt8(ascii: "E"), UInt8(ascii: "L"), UInt8(ascii: "F")])
    }
}

extension ImageServer {
    /// Begins to fetch all of a program; runs on a worker, and waits for nothing.
    ///
    /// - Parameter rounds: How often metadata that tells where the file lies may be fetched first.
    func fetchProgram(_ nid: NodeID, rounds: Int = 4) {
        do throws(ReadError) {
            let inode = try answerer.reader.inode(nid)
            guard inode.size <= ProgramFile.largest else { return }
            try answerer.reader.fetchAhead(inode)
        } catch {
            // Only a hint: whatever else is wrong with the file, its readers meet it themselves.
            guard case .missing(let missing) = error, rounds > 0 else { return }
            _ = answerer.reader.provide(missing) { [self] error in
                if error == nil { fetchProgramLater(nid, rounds: rounds - 1) }
            }
        }
    }
}
