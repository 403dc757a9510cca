// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import RemoteSources
import Testing

@Suite struct RangeAnswerTests {
    private func judge(
        _ status: Int, _ fields: [String: String], asked: Range<UInt64> = 10..<20, validator: String? = nil
    ) -> RangeAnswer {
        let head = HTTPHead(status: status, fields: fields.map { HTTPField($0.key, $0.value) })
        return .judge(head, asked: asked, size: 100, validator: validator)
    }

    private func isBad(_ answer: RangeAnswer) -> Bool { if case .bad = answer { true } else { false } }
    private func isChanged(_ answer: RangeAnswer) -> Bool { if case .changed = answer { true } else { false } }

    @Test func onlyTheExactPartIsTaken() {
        #expect(judge(206, ["Content-Range": "bytes 10-19/100"]) == .part)
        #expect(judge(206, ["Content-Range": "bytes 10-19/100", "Content-Length": "10"]) == .part)
        for range in [
            "bytes 10-18/100", "bytes 9-19/100", "bytes 10-20/100", "bytes */100", "bytes 19-10/100", "10-19/100", "",
        ] {
            #expect(isBad(judge(206, ["Content-Range": range])), "\(range)")
        }
        #expect(isBad(judge(206, [:])))
        #expect(isBad(judge(206, ["Content-Range": "bytes 10-19/100", "Content-Length": "11"])))
        #expect(isBad(judge(206, ["Content-Range": "bytes 10-19/100", "Content-Encoding": "gzip"])))
        #expect(isBad(judge(206, ["Content-Type": "multipart/byteranges; boundary=x"])))
    }

    @Test func anotherBlobIsNoticed() {
        #expect(isChanged(judge(206, ["Content-Range": "bytes 10-19/101"])))
        #expect(isChanged(judge(206, ["Content-Range": "bytes 10-19/100", "ETag": "\"b\""], validator: "\"a\"")))
        #expect(judge(206, ["Content-Range": "bytes 10-19/100", "ETag": "\"a\""], validator: "\"a\"") == .part)
        #expect(isChanged(judge(200, ["Content-Length": "100", "ETag": "\"b\""], validator: "\"a\"")))
        #expect(isChanged(judge(200, ["Content-Length": "99"])))
        #expect(isChanged(judge(200, ["Content-Length": "100"], validator: "\"a\"")))
        #expect(isChanged(judge(416, ["Content-Range": "bytes */9"])))
    }

    @Test func wholeBodiesAreReadThroughUpToALimit() {
        #expect(judge(200, ["Content-Length": "100"]) == .whole(skip: 10))
        #expect(isBad(judge(200, [:])))
        let far = RangeAnswer.skipLimit + 1
        let head = HTTPHead(status: 200, fields: [HTTPField("Content-Length", "\(far + 10)")])
        #expect(isBad(.judge(head, asked: far..<far + 1, size: far + 10, validator: nil)))
    }

    @Test func sizesComeFromTheFirstByte() {
        func size(_ status: Int, _ fields: [String: String]) -> SizeAnswer {
            .judge(HTTPHead(status: status, fields: fields.map { HTTPField($0.key, $0.value) }))
        }
        #expect(size(206, ["Content-Range": "bytes 0-0/7", "etag": "W/\"x\""]) == .size(7, validator: "W/\"x\""))
        #expect(size(200, ["Content-Length": "7"]) == .size(7, validator: nil))
        #expect(size(416, ["Content-Range": "bytes */0"]) == .size(0, validator: nil))
        for bad in [
            size(206, ["Content-Range": "bytes 0-0/*"]), size(206, ["Content-Range": "bytes 0-6/7"]), size(200, [:]),
            size(416, ["Content-Range": "bytes */7"]), size(200, ["Content-Length": "-1"]),
            size(200, ["Content-Length": "99999999999999999999"]),
        ] {
            if case .size = bad { Issue.record("\(bad)") }
        }
    }

    @Test func hugeNumbersAreNoRanges() {
        #expect(ContentRange("bytes 0-18446744073709551615/*") == nil)
        #expect(ContentRange("bytes 0-99999999999999999999/*") == nil)
        #expect(ContentRange("bytes 5-4/10") == nil)
        #expect(ContentRange("bytes 0-10/10") == nil)
        #expect(ContentRange("bytes 0-9/10")?.range == 0..<10)
    }
}
