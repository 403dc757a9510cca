// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import RemoteSources
import Testing

@Suite struct HTTPURLTests {
    @Test func partsAreFound() throws {
        let url = try #require(HTTPURL("HTTPS://al%40ice:p:w@Example.Org:8443/a b/\u{e4}?x=1#frag"))
        #expect(url.text == "https://example.org:8443/a%20b/%C3%A4?x=1")
        #expect(url.description == "https://example.org:8443/a%20b/%C3%A4?...")
        #expect(url.userInfo?.user == "al@ice")
        #expect(url.userInfo?.password == "p:w")
        #expect(HTTPURL("http://h")?.text == "http://h/")
        #expect(HTTPURL("http://h:80/")?.origin == HTTPURL("http://h/")?.origin)
        #expect(HTTPURL("http://[::1]:81/x")?.origin.authority == "[::1]:81")
    }

    @Test(arguments: [
        "", "h", "ftp://h/", "http://", "http:///x", "http://h:0/", "http://h:65536/", "http://h:x/", "http://a b/",
        "http://h/\r\nX: y", "http://h/\u{0}", "http://h%41/", "http://[::1/", "http://a@b@/",
    ])
    func othersAreRefused(text: String) { #expect(HTTPURL(text) == nil) }

    @Test func namesGoBelowThePrefix() throws {
        let prefix = try #require(HTTPURL("http://h/p?sig=1"))
        #expect(prefix.appending("a/b c%")?.text == "http://h/p/a/b%20c%25?sig=1")
        for name in ["", "/a", "a/", "..", "a/../b", "."] { #expect(prefix.appending(name) == nil) }
    }

    @Test func locationsAreResolved() throws {
        let base = try #require(HTTPURL("http://h:81/a/b/c?q=1"))
        let cases = [
            "d": "http://h:81/a/b/d", "../d?x": "http://h:81/a/d?x", "../../../d": "http://h:81/d",
            "/d": "http://h:81/d",
            "?y": "http://h:81/a/b/c?y", "//o/d": "http://o/d", "https://o/": "https://o/", "./": "http://h:81/a/b/",
            "/r?u=http://x/": "http://h:81/r?u=http://x/",
        ]
        for (location, wanted) in cases { #expect(base.resolving(location)?.text == wanted, "\(location)") }
        for location in ["", "ftp://o/", "file:///x"] { #expect(base.resolving(location) == nil, "\(location)") }
    }
}
