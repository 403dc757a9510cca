// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import FUSE
import Glibc
import ImageMount
import Primitives

/// Answers for the whole of an additional layer store, as containers/storage looks into it.
///
/// `serve` runs on the serving thread and never waits: who asks for a layer that is not known yet, or looks into one that
/// is not open, is answered later.
package final class StoreServer: RequestHandler, Sendable {
    private let tree = Locked(StoreTree())
    private let provider: any LayerProvider
    private let channel: any ReplyChannel
    private let pool = WorkerPool(limit: 8)
    private let layers: OpenLayers
    private let ready: @Sendable () -> Void

    /// - Parameter ready: Called once, on the serving thread, when the store answers.
    package init(_ provider: any LayerProvider, channel: any ReplyChannel, ready: @escaping @Sendable () -> Void) {
        self.provider = provider
        self.channel = channel
        self.ready = ready
        let tree = tree
        layers = OpenLayers(channel: channel, pool: pool) { slot in
            let digest = tree.withLock { $0.layers[slot].digest }
            return provider.open(digest, base: UInt64(slot + 1) * ImageBranch.span, channel: channel)
        }
    }

    package func begin() { ready() }

    package func serve(_ request: Request, into reply: ReplyBuffer) -> Outcome {
        // Asked about all layers when an overlay is made of them: their number alone must not open them.
        if request.rawOpcode == Opcode.statfs.rawValue {
            reply.append(FileSystemStatistics(blocks: 0, blockSize: 4096, files: 0, freeFiles: 0))
            return .reply
        }
        let slot = Int(request.node / ImageBranch.span) - 1
        guard slot >= 0 else { return serveTree(request, into: reply) }
        if let branch = layers.branch(slot) { return branch.serve(request, into: reply) }
        guard tree.withLock({ $0.layers.indices.contains(slot) }) else { return unknown(request) }
        switch Opcode(rawValue: request.rawOpcode) {
        case .lookup, .readdir, .readdirplus, .read, .readlink, .getxattr, .listxattr, .lseek, .access:
            return layers.wait(slot, request)
        case .getattr where request.node % ImageBranch.span != 1: return layers.wait(slot, request)
        // The root's attributes are told without its layer, which `pull` asks for, and nothing more.
        case .getattr:
            reply.append(placeholder(slot), .none)
            return .reply
        case .forget, .batchForget: return .done
        default: return .fail(request.refusal)
        }
    }

    private func serveTree(_ request: Request, into reply: ReplyBuffer) -> Outcome {
        guard let node = tree.withLock({ $0.node(request.node) }) else {
            return request.rawOpcode == Opcode.interrupt.rawValue ? interrupted(request, reply) : unknown(request)
        }
        switch (Opcode(rawValue: request.rawOpcode), node) {
        case (.lookup, _): return lookUp(request, in: node, into: reply)
        case (.getattr, _):
            reply.append(tree.withLock { $0.attributes(of: node, request.node) }, .none)
            return .reply
        case (.readdir, _), (.readdirplus, _), (.access, _): return .reply
        case (.read, .info(let slot)):
            let info = tree.withLock { $0.layers[slot].info }
            let part = info.dropFirst(Int(clamping: request.u64(8))).prefix(Int(request.u32(16)))
            part.withUnsafeBytes { reply.append($0) }
            return .reply
        case (.read, .blob): return .fail(EOPNOTSUPP)
        // The container tool takes a use by making a file, gives it back by removing the directory, and wants to be told
        // that neither is there.
        case (.create, .layer(_, let slot)): return used(slot, request.name(at: 16), by: 1)
        case (.mknod, .layer(_, let slot)): return used(slot, request.name(at: 16), by: 1)
        case (.rmdir, .image(let image)): return released(request.name(), image)
        case (.forget, _), (.batchForget, _): return .done
        case (.interrupt, _): return interrupted(request, reply)
        default: return .fail(request.refusal)
        }
    }

    private func unknown(_ request: Request) -> Outcome {
        switch Opcode(rawValue: request.rawOpcode) {
        case .forget, .batchForget: .done
        default: .fail(ESTALE)
        }
    }

    private func interrupted(_ request: Request, _ reply: ReplyBuffer) -> Outcome {
        layers.interrupt(request, into: reply)
        return .done
    }

    private func used(_ slot: Int, _ name: UnsafeRawBufferPointer, by change: Int) -> Outcome {
        guard name.elementsEqual("use".utf8) else { return .fail(Glibc.EROFS) }
        layers.use(slot, by: change)
        return .fail(ENOENT)
    }

    private func released(_ name: UnsafeRawBufferPointer, _ image: String) -> Outcome {
        let digest = StoreName.digest(name)
        if let slot = tree.withLock({ $0.layers.firstIndex { $0.digest == digest } }) { layers.use(slot, by: -1) }
        return .fail(ENOENT)
    }

    private func lookUp(_ request: Request, in parent: StoreTree.Node, into reply: ReplyBuffer) -> Outcome {
        let name = request.name()
        switch parent {
        case .root:
            guard let image = StoreName.image(name) else { return .fail(ENOENT) }
            return enter(.image(image), into: reply)
        case .image(let image):
            guard let digest = StoreName.digest(name) else { return .fail(ENOENT) }
            return findLayer(digest, image, request)
        case .layer(_, let slot):
            if name.elementsEqual("diff".utf8) {
                reply.append(entry: UInt64(slot + 1) * ImageBranch.span + 1, placeholder(slot), .none)
                return .reply
            }
            if name.elementsEqual("info".utf8) { return enter(.info(slot: slot), into: reply) }
            return name.elementsEqual("blob".utf8) ? enter(.blob(slot: slot), into: reply) : .fail(ENOENT)
        case .info, .blob: return .fail(ENOTDIR)
        }
    }

    /// The attributes of a layer's root: its own when it is open, usual ones before.
    private func placeholder(_ slot: Int) -> Attributes {
        if let attributes = layers.branch(slot)?.root { return attributes }
        var result = Attributes()
        result.inodeNumber = UInt64(slot + 1) * ImageBranch.span + 1
        result.mode = S_IFDIR | 0o755
        result.links = 2
        return result
    }

    private func enter(_ node: StoreTree.Node, into reply: ReplyBuffer) -> Outcome {
        let found = tree.withLock { tree -> (UInt64, Attributes)? in
            tree.number(of: node).map { ($0, tree.attributes(of: node, $0)) }
        }
        guard let found else { return .fail(ENFILE) }
        reply.append(entry: found.0, found.1, .none)
        return .reply
    }

    /// Asks for a layer, on a worker.
    private func findLayer(_ digest: String, _ image: String, _ request: Request) -> Outcome {
        let (unique, parent) = (request.unique, request.node)
        let isTaken = pool.run { [self] reply in
            let slot = provider.facts(of: digest, in: image).flatMap { facts in tree.withLock { $0.slot(of: facts) } }
            guard let slot else { return channel.send(error: ENOENT, to: unique) }
            switch enter(.layer(image: parent, slot: slot), into: reply) {
            case .fail(let error): channel.send(error: error, to: unique)
            default: channel.send(reply, to: unique, error: 0)
            }
        }
        return isTaken ? .later : .fail(EAGAIN)
    }

    /// As ``OpenLayers/letGo(unused:used:)``.
    package func letGo(unused: UInt64, used: UInt64) { layers.letGo(unused: unused, used: used) }

    /// Ends all work; no request may follow.
    package func stop() {
        pool.stop()
        layers.stop()
    }
}
