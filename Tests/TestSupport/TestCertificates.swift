// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// An authority of our own, and a certificate of 127.0.0.1 and localhost that it signed.
package struct TestCertificates {
    package let authority: String
    package let certificate: String
    package let key: String

    /// Makes the files in a directory.
    package init(in directory: TemporaryDirectory) throws {
        authority = directory.path("ca.crt")
        certificate = directory.path("tls.crt")
        key = directory.path("tls.key")
        try write("subjectAltName=DNS:localhost,IP:127.0.0.1\n", to: directory.path("names"))
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try runToSuccess(
            ["openssl", "req", "-x509", "-days", "30", "-subj", "/CN=test"] + curve
                + ["-keyout", directory.path("ca.key"), "-out", authority])
        try runToSuccess(
            ["openssl", "req", "-subj", "/CN=localhost"] + curve
                + ["-keyout", key, "-out", directory.path("tls.csr")])
        try runToSuccess([
            "openssl", "x509", "-req", "-days", "30", "-in", directory.path("tls.csr"), "-CA", authority, "-CAkey",
            directory.path("ca.key"), "-CAcreateserial", "-extfile", directory.path("names"), "-out", certificate,
        ])
    }
}
