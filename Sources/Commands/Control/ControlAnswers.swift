// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Fscache
import Primitives

/// What is answered to questions on a control socket.
///
/// A question is one line: a word, and maybe more words that change its meaning. The answer goes until the end of the
/// connection; a question that cannot be answered gets a ``ControlError``.
struct ControlAnswers: Sendable {
    let state: MountState

    /// Answers one question; may take as long as the connection lasts.
    func answer(_ question: String, on connection: Descriptor) {
        let words = question.split(separator: " ").map(String.init)
        let options = Set(words.dropFirst())
        switch words.first {
        case "status": StandardOutput.write(JSON.text(state.report), to: connection.raw)
        case "metrics": StandardOutput.write(MountMetrics.text(of: state), to: connection.raw)
        case "trace": trace(options, on: connection)
        default:
            let error = ControlError("this mount does not know the question '\(question.printable)'")
            StandardOutput.write(error.text, to: connection.raw)
        }
    }

    /// Tells watchers that the mount is at its end.
    func endOfMount() {
        for blob in state.blobs { blob.cookie.tellClosed() }
        state.volume?.events.close()
    }

    private func trace(_ options: Set<String>, on connection: Descriptor) {
        guard let events = state.volume?.events else {
            let error = ControlError("nothing of this image goes through a cache, so nothing can be traced")
            return StandardOutput.write(error.text, to: connection.raw)
        }
        guard let watch = events.watch(history: options.contains("history")) else {
            return StandardOutput.write(ControlError("too many watch at the same time").text, to: connection.raw)
        }
        defer { watch.cancel() }
        TraceStream(watch: watch, paths: PathIndex(state.reader), isJSON: options.contains("json")).run(on: connection)
    }
}

/// Why a question is not answered.
struct ControlError: Codable, Equatable {
    let error: String

    init(_ error: String) { self.error = error }

    /// The error as it goes over the socket: one line.
    var text: String { JSON.line(self) }

    /// Throws when an answer, or a line of one, is an error.
    static func check(_ answer: String, from mountPoint: String) throws(Failure) {
        guard answer.hasPrefix("{\"error\""), let refusal = JSON.value(ControlError.self, from: answer) else { return }
        throw Failure("\(mountPoint): \(refusal.error)")
    }
}
