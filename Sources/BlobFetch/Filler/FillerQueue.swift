// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What is asked of an external filler and not answered yet: a value without threads, guarded by its socket's lock.
///
/// An object must be open on the present connection before READs of it are told; if it is not, OPEN is told first. So
/// a filler that takes the place of one that died gets descriptors of its own.
struct FillerQueue {
    /// The answer to a question: the size of a blob (for READ, nothing), or an error number.
    typealias Completion = @Sendable (Result<UInt64, FillerFailure>) -> Void

    /// A blob that the filler is asked about.
    struct Object {
        let scratch: Descriptor
        /// Its number on the present connection; 0 when it is not open there.
        var number: UInt32 = 0
        /// Its size, once a filler has told it.
        var size: UInt64?
    }

    /// One question.
    struct Question {
        enum Kind {
            case open(number: UInt32)
            case read(Range<UInt64>)
        }

        let cookie: String
        var kind: Kind
        /// Its number on the present connection; 0 while it was not told.
        var message: UInt32 = 0
        let completion: Completion
    }

    private(set) var objects: [String: Object] = [:]
    private(set) var questions: [Question] = []
    private var lastMessage: UInt32 = 0
    private var lastObject: UInt32 = 0

    /// Adds a blob, unless it is known.
    mutating func add(_ cookie: String, scratch: Descriptor) {
        if objects[cookie] == nil { objects[cookie] = Object(scratch: scratch) }
    }

    mutating func ask(_ kind: Question.Kind, of cookie: String, _ completion: @escaping Completion) {
        questions.append(Question(cookie: cookie, kind: kind, completion: completion))
    }

    /// The next message to tell, which counts as told from now on; nil when all was told that can be.
    mutating func next(volume: String) -> (message: FillerMessage, scratch: Descriptor?)? {
        for index in questions.indices where questions[index].message == 0 {
            let cookie = questions[index].cookie
            guard let object = objects[cookie] else { continue }
            switch questions[index].kind {
            case .open: return tellOpen(at: index, object, volume)
            case .read(let range):
                if object.number != 0 {
                    let message = number(at: index)
                    let length = range.upperBound - range.lowerBound
                    return (
                        .read(message: message, object: object.number, start: range.lowerBound, length: length), nil
                    )
                }
                let isOpening = questions.contains { question in
                    if case .open = question.kind { question.cookie == cookie } else { false }
                }
                guard !isOpening else { continue }
                ask(.open(number: 0), of: cookie) { _ in }
                return tellOpen(at: questions.count - 1, object, volume)
            }
        }
        return nil
    }

    /// Takes back that a message was told: it could not be sent.
    mutating func untell(_ message: FillerMessage) {
        let number: UInt32
        switch message {
        case .open(let message, _, _, _), .read(let message, _, _, _): number = message
        case .close, .refused: return
        }
        for index in questions.indices where questions[index].message == number { questions[index].message = 0 }
    }

    /// Makes what was told new again; with `isNewFiller` the objects must be opened again as well.
    mutating func restore(isNewFiller: Bool) {
        for index in questions.indices { questions[index].message = 0 }
        guard isNewFiller else { return }
        for cookie in objects.keys { objects[cookie]?.number = 0 }
    }

    /// Takes the answer to OPEN: a size, or a negative error number.
    ///
    /// - Returns: What to do now; nil when there was no such question.
    mutating func opened(_ message: UInt32, _ size: Int64) -> (() -> Void)? {
        guard let question = take(message, where: { if case .open = $0 { true } else { false } }),
            case .open(let number) = question.kind
        else { return nil }
        guard size >= 0 else { return fail(question, .refused(errno: Int32(-size))) }
        if let known = objects[question.cookie]?.size, known != UInt64(size) {
            return fail(question, .changed(size: UInt64(size)))
        }
        objects[question.cookie]?.size = UInt64(size)
        objects[question.cookie]?.number = number
        return { question.completion(.success(UInt64(size))) }
    }

    /// Takes the answer to READ.
    mutating func read(_ message: UInt32, _ errno: Int32) -> (() -> Void)? {
        guard let question = take(message, where: { if case .read = $0 { true } else { false } }) else { return nil }
        return { question.completion(errno == 0 ? .success(0) : .failure(.refused(errno: errno))) }
    }

    /// Takes out everything that is asked, or just the OPENs.
    mutating func drain(opensOnly: Bool) -> [Question] {
        func isWanted(_ question: Question) -> Bool {
            if case .open = question.kind { true } else { !opensOnly }
        }
        defer { questions.removeAll(where: isWanted) }
        return questions.filter(isWanted)
    }

    /// A number for a message that wants no answer.
    mutating func nextMessage() -> UInt32 {
        lastMessage = lastMessage == .max ? 1 : lastMessage + 1
        return lastMessage
    }

    private mutating func tellOpen(
        at index: Int, _ object: Object, _ volume: String
    ) -> (message: FillerMessage, scratch: Descriptor?) {
        lastObject = lastObject == UInt32(Int32.max) ? 1 : lastObject + 1
        questions[index].kind = .open(number: lastObject)
        let message = number(at: index)
        let cookie = questions[index].cookie
        return (.open(message: message, object: lastObject, volume: volume, cookie: cookie), object.scratch)
    }

    private mutating func number(at index: Int) -> UInt32 {
        questions[index].message = nextMessage()
        return questions[index].message
    }

    private mutating func take(_ message: UInt32, where isRight: (Question.Kind) -> Bool) -> Question? {
        guard message != 0,
            let index = questions.firstIndex(where: { $0.message == message && isRight($0.kind) })
        else { return nil }
        return questions.remove(at: index)
    }

    /// A blob that cannot be opened fails with all that is asked of it.
    private mutating func fail(_ question: Question, _ failure: FillerFailure) -> () -> Void {
        let all = [question] + questions.filter { $0.cookie == question.cookie }
        questions.removeAll { $0.cookie == question.cookie }
        return { for question in all { question.completion(.failure(failure)) } }
    }
}

/// Why a filler did not give what it was asked for.
enum FillerFailure: Error, Equatable {
    /// It gave an error number.
    case refused(errno: Int32)
    /// It has a blob of another size now.
    case changed(size: UInt64)
    /// None is there.
    case absent
}
