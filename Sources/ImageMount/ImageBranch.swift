// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import EROFS
package import FUSE
package import ImageReader

/// An image that is one branch of a larger mount, whose nodes it numbers from a base on.
///
/// `serve` belongs to the serving thread; the rest may be called from any.
package final class ImageBranch: Sendable {
    /// How many numbers a branch has: bases are multiples of it.
    package static let span: UInt64 = 1 << 48

    private let server: ImageServer
    private let channel: any ReplyChannel

    /// - Parameters:
    ///   - base: What is added to the image's node and inode numbers; the root is `base` + 1.
    ///   - channel: Takes the replies that come later.
    /// - Throws: `.unsupported` for an image with a metabox, whose inodes have numbers that no branch has room for.
    package init(
        _ reader: ImageReader, base: UInt64, channel: any ReplyChannel, settings: ServedMount.Settings,
        log: @escaping @Sendable (String) -> Void
    ) throws(ImageError) {
        if let metabox = reader.image.superblock.metaboxInode {
            throw .unsupported(.superblock, field: "metabox_nid of a layer", value: metabox.rawValue)
        }
        let answerer = Answerer(
            reader, base: base, validity: settings.switches.validity,
            listing: ListingMode(adaptive: settings.adaptiveListings), owners: settings.owners,
            showsCacheMap: settings.showsCacheMap)
        server = ImageServer(answerer, channel: channel, workers: settings.workers, log: log, ready: {})
        self.channel = channel
    }

    /// As ``RequestHandler/serve(_:into:)``.
    package func serve(_ request: Request, into reply: ReplyBuffer) -> Outcome { server.serve(request, into: reply) }

    /// Answers a request from a worker, so that it may be handed in by any thread.
    package func serveLater(_ request: Request) {
        guard let opcode = Opcode(rawValue: request.rawOpcode), Answerer.answers(opcode) else {
            return channel.send(error: request.refusal, to: request.unique)
        }
        let question = Question(request, opcode, server.answerer.numbers)
        server.handOver(server.park(question, Question.name(in: request, opcode), channel))
    }

    /// The attributes of the root; nil when they cannot be had at once.
    package var root: Attributes? {
        let answerer = server.answerer
        return (try? answerer.reader.inode(answerer.reader.image.root)).map { answerer.attributes(of: $0) }
    }

    /// Whether requests wait for bytes.
    package var isWaiting: Bool { server.lot.count > 0 }

    /// Ends all work; no request may follow.
    package func stop() { server.stop() }
}
