// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch

/// The bootstrap that an inlined-metadata blob carries of itself, behind its chunks.
///
/// It lies where the table of contents at the blob's tail says; without one it is the last section before the tail's tar
/// header.
package struct InlineBootstrap: Sendable {
    private static let maximumSize: UInt64 = 512 << 20

    /// The bytes of the section in the blob.
    package let remote: Range<UInt64>
    private let section: TableOfContents.Section?

    /// Finds the bootstrap from the blob's last bytes.
    ///
    /// - Parameters:
    ///   - tail: The last 4096 bytes, or the whole of a shorter blob.
    ///   - size: The size of the blob.
    /// - Throws: ``RafsError/notRafs`` when the blob carries none.
    package init(tail: [UInt8], of size: UInt64) throws(RafsError) {
        if let contents = try? TableOfContents(tail: tail) {
            guard let section = contents.section("image.boot"), section.remote.upperBound <= size else {
                throw .notRafs
            }
            remote = section.remote
            self.section = section
        } else {
            guard let length = TableOfContents.sectionSize(tail: tail, named: "image.boot"), size >= 512,
                length <= size - 512
            else { throw .notRafs }
            remote = size - 512 - length..<size - 512
            section = nil
        }
        guard UInt64(remote.count) <= Self.maximumSize else {
            throw .damaged(.bootstrap, field: "size", value: UInt64(remote.count))
        }
    }

    /// Decodes the section and holds it against its digest, if it has one.
    package func plain(_ bytes: [UInt8]) throws(RafsError) -> [UInt8] {
        guard let section else { return bytes }
        return try section.plain(bytes, limit: Self.maximumSize, .bootstrap)
    }

    /// Fetches the bootstrap out of a blob.
    package static func fetch(
        from source: any BlobSource, _ completion: @escaping @Sendable (Result<[UInt8], FetchError>) -> Void
    ) {
        source.identify { result in
            switch result {
            case .failure(let error): completion(.failure(error))
            case .success(let identity): fetch(from: source, identity, completion)
            }
        }
    }

    private static func fetch(
        from source: any BlobSource, _ identity: BlobIdentity,
        _ completion: @escaping @Sendable (Result<[UInt8], FetchError>) -> Void
    ) {
        let name = source.name
        let start = identity.size - min(identity.size, UInt64(TableOfContents.maximumSize))
        _ = source.collect(start..<identity.size, of: identity) { result in
            do throws(FetchError) {
                let found = try Self.found(try result.get().copy, identity.size, name)
                _ = source.collect(found.remote, of: identity) { result in
                    completion(result.flatMap { bytes in found.decoded(bytes.copy, name) })
                }
            } catch {
                completion(.failure(error))
            }
        }
    }

    private static func found(_ tail: [UInt8], _ size: UInt64, _ name: String) throws(FetchError) -> InlineBootstrap {
        do throws(RafsError) { return try InlineBootstrap(tail: tail, of: size) } catch {
            throw FetchError(error, from: name)
        }
    }

    private func decoded(_ bytes: [UInt8], _ name: String) -> Result<[UInt8], FetchError> {
        do throws(RafsError) { return .success(try plain(bytes)) } catch {
            return .failure(FetchError(error, from: name))
        }
    }
}
